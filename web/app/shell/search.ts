import { queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export type Hit = { kind: string; id: string; title: string; detail?: string; path: string };

/** Objects of the organisation that a text finds. */
export const searchOptions = (org: string, q: string) =>
  queryOptions({
    queryKey: [org, "search", q],
    staleTime: 10_000,
    queryFn: async (): Promise<Hit[]> => {
      const campaigns = await must(api.GET("/v1/campaigns", { params: { query: { limit: 50 } } }));
      const wanted = q.toLowerCase();
      return campaigns.data.filter((c) => c.name.toLowerCase().includes(wanted)).map((c) => ({ kind: "campaign", id: c.id, title: c.name, path: `/campaigns/${c.id}` }));
    },
  });
