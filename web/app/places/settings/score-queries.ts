import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import type { RuleSet } from "./score-rules";

export const scoreRulesOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "scores", "rules"],
    queryFn: () => must(api.GET("/v1/score-rules")),
    refetchInterval: (q) => (q.state.data && q.state.data.version > 0 && !q.state.data.progress.completed_at ? 1000 : false),
  });

export const scorePreviewOptions = (org: string, rules: RuleSet) =>
  queryOptions({ queryKey: [org, "scores", "preview", rules], queryFn: ({ signal }) => must(api.POST("/v1/score-rules/preview", { body: rules, signal })), placeholderData: keepPreviousData, staleTime: 60_000 });

export const scoreHistoryOptions = (org: string, rules: RuleSet) =>
  queryOptions({ queryKey: [org, "scores", "history", rules], queryFn: ({ signal }) => must(api.POST("/v1/score-rules/evaluations", { body: rules, signal })), staleTime: Infinity });

export const ownFieldsOptions = (org: string) => queryOptions({ queryKey: [org, "leads", "own-fields"], queryFn: async () => (await must(api.GET("/v1/leads/facets"))).custom.map((f) => f.value) });
