import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "./client";

export type Me = Schemas["Me"];

/** What an organisation is called in a URL. */
export function slugOf(m: Schemas["Membership"]) {
  return ("slug" in m && typeof m.slug === "string" && m.slug) || m.organization_id;
}

export const meOptions = (org?: string) => queryOptions({ queryKey: [org ?? "", "me"], queryFn: () => must(api.GET("/v1/me")), staleTime: 30_000 });
