import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "./client";

export type Me = Schemas["Me"];

export type MyOrganization = { id: string; name: string; slug: string };

/** The organisations that somebody can go to, with what each is called in a URL. */
export function organizationsOf(me: Me): MyOrganization[] {
  return (me.memberships ?? []).map((m) => ({ id: m.organization_id, name: m.organization_name, slug: me.organizations.find((o) => o.id === m.organization_id)?.slug || m.organization_id }));
}

export const meOptions = (org?: string) => queryOptions({ queryKey: [org ?? "", "me"], queryFn: () => must(api.GET("/v1/me")), staleTime: 30_000 });
