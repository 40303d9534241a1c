import { queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export const choicesOptions = (org: string) => queryOptions({ queryKey: [org, "notifications", "choices"], staleTime: 5 * 60_000, queryFn: () => must(api.GET("/v1/me/notifications")) });

/** The newest events of some types. Not under "history", which every event makes stale. */
export const toldOptions = (org: string, types: string[]) =>
  queryOptions({
    queryKey: [org, "notifications", "told", types.join(",")],
    enabled: types.length > 0,
    queryFn: async () => (await must(api.GET("/v1/audit/events", { params: { query: { types: types.join(","), limit: 60 } } }))).data,
  });
