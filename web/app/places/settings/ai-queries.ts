import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export const groups = ["task", "model", "campaign", "lead", "day", "outcome"] as const;
export type Group = (typeof groups)[number];
export type Outcome = Schemas["AIOutcome"];

export const aiSettingsOptions = (org: string) => queryOptions({ queryKey: [org, "ai", "settings"], queryFn: () => must(api.GET("/v1/ai/settings")) });

export const aiUsageOptions = (org: string, group: Group) => queryOptions({ queryKey: [org, "ai", "usage", group], queryFn: () => must(api.GET("/v1/ai/usage", { params: { query: { group } } })) });

export const aiCallsOptions = (org: string, outcome?: Outcome) =>
  infiniteQueryOptions({
    queryKey: [org, "ai", "calls", outcome],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(api.GET("/v1/ai/calls", { params: { query: { outcome, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

/** Names of campaigns by id: the ledger has ids only. */
export const campaignNamesOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "campaigns", "names"],
    queryFn: async () => new Map((await must(api.GET("/v1/campaigns", { params: { query: { limit: 200 } } }))).data.map((c) => [c.id, c.name] as const)),
  });
