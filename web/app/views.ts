import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type View = Schemas["View"];
export type Looked = Record<string, string | number | boolean | undefined>;

export const viewsOptions = (org: string, page: string) => queryOptions({ queryKey: [org, "views", page], queryFn: async () => (await must(api.GET("/v1/me/views", { params: { query: { page } } }))).data });

/** What the URL says, as a view keeps it: what isn't set is left out. */
export function keptOf(looked: Looked): Record<string, string> {
  return Object.fromEntries(Object.entries(looked).flatMap(([k, v]) => (v === undefined || v === "" ? [] : [[k, String(v)]])).sort());
}

export const sameView = (a: Record<string, string>, b: Record<string, string>) => JSON.stringify(keptOf(a)) === JSON.stringify(keptOf(b));
