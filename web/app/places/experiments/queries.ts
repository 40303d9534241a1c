import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type Experiment = Schemas["Experiment"];
export type Verdict = Schemas["Verdict"];
export type Arm = Schemas["ArmVerdict"];
export type Evaluation = Schemas["Evaluation"];
export type WhatIf = Schemas["WhatIf"];
export type WhatIfRequest = Schemas["WhatIfRequest"];
export type Settings = Schemas["EvaluationRequest"];

const first = undefined as string | undefined;
const next = (p: { next_cursor?: string | null }) => p.next_cursor ?? undefined;

export const experimentsOptions = (org: string, campaign_id?: string) =>
  infiniteQueryOptions({
    queryKey: [org, "experiments", "list", campaign_id ?? ""],
    initialPageParam: first,
    queryFn: ({ pageParam }) => must(api.GET("/v1/experiments", { params: { query: { campaign_id, limit: 50, cursor: pageParam } } })),
    getNextPageParam: next,
  });

export const experimentOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "experiments", "one", id], queryFn: () => must(api.GET("/v1/experiments/{id}", { params: { path: { id } } })) });

export const evaluationsOptions = (org: string, id: string) =>
  infiniteQueryOptions({
    queryKey: [org, "experiments", "evaluations", id],
    initialPageParam: first,
    queryFn: ({ pageParam }) => must(api.GET("/v1/experiments/{id}/evaluations", { params: { path: { id }, query: { limit: 20, cursor: pageParam } } })),
    getNextPageParam: next,
  });

/** Campaigns that an experiment can be on. */
export const campaignsOptions = (org: string) => queryOptions({ queryKey: [org, "campaigns", "experiments"], queryFn: async () => (await must(api.GET("/v1/campaigns", { params: { query: { limit: 100, sort: "-updated_at" } } }))).data.filter((c) => c.status !== "completed") });

export const campaignOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "campaigns", "one", id, ""], queryFn: () => must(api.GET("/v1/campaigns/{id}", { params: { path: { id } } })) });

export const whatIfOptions = (org: string, id: string, body: WhatIfRequest) =>
  queryOptions({ queryKey: [org, "experiments", "what-if", id, body], staleTime: 60_000, queryFn: () => must(api.POST("/v1/experiments/{id}/what-if", { params: { path: { id } }, body })) });
