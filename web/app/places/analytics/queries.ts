import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { fromWallTime } from "@/app/zone";
import { addDays } from "./model";
import type { ListSearch } from "./routes";

type Query = Schemas["AnalyticsQuery"];

export const figuresOptions = (org: string, body: Query) =>
  queryOptions({ queryKey: [org, "analytics", "query", body], placeholderData: (before) => before, queryFn: () => must(api.POST("/v1/analytics/query", { body })) });

type Period = { from: string; to: string; campaign_id?: string };

export const funnelOptions = (org: string, query: Period) => queryOptions({ queryKey: [org, "analytics", "funnel", query], placeholderData: (b) => b, queryFn: () => must(api.GET("/v1/analytics/funnel", { params: { query } })) });
export const cohortsOptions = (org: string, query: Period) => queryOptions({ queryKey: [org, "analytics", "cohorts", query], placeholderData: (b) => b, queryFn: () => must(api.GET("/v1/analytics/cohorts", { params: { query } })) });
export const sendTimeOptions = (org: string, query: Period) => queryOptions({ queryKey: [org, "analytics", "send-time", query], placeholderData: (b) => b, queryFn: () => must(api.GET("/v1/analytics/send-time", { params: { query } })) });
export const replyTimeOptions = (org: string, query: Period) => queryOptions({ queryKey: [org, "analytics", "reply-time", query], placeholderData: (b) => b, queryFn: () => must(api.GET("/v1/analytics/reply-time", { params: { query } })) });
export const correctionsOptions = (org: string, query: Period) => queryOptions({ queryKey: [org, "analytics", "corrections", query], queryFn: async () => (await must(api.GET("/v1/analytics/corrections", { params: { query } }))).data });
/** What happened to campaigns on these days that may explain a change. */
export const marksOptions = (org: string, from: string, to: string, campaign_id?: string) =>
  queryOptions({ queryKey: [org, "analytics", "marks", from, to, campaign_id], queryFn: async () => (await must(api.GET("/v1/marks", { params: { query: { campaign_id, from: beginOf(from), to: beginOf(addDays(to, 1)) } } }))).data });

const beginOf = (day: string) => fromWallTime(day + "T00:00")?.toISOString();

/** What a figure counts, page by page: messages or people. */
export const countedOptions = (org: string, s: ListSearch) =>
  infiniteQueryOptions({
    queryKey: [org, "analytics", "drill", s],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) => {
      const page = { limit: 200, cursor: pageParam };
      if (s.stage) return must(api.GET("/v1/analytics/funnel/people", { params: { query: { stage: s.stage as Schemas["AnalyticsStage"], from: s.from!, to: s.to!, campaign_id: s.campaign, ...page } } })) as Promise<{ data: Counted[]; next_cursor: string | null }>;
      return must(api.GET("/v1/analytics/drill", { params: { query: { metric: s.metric as Schemas["AnalyticsMetric"], unit: s.unit, from: s.from!, to: s.to!, zone: s.zone, where: s.where ? JSON.stringify(s.where) : undefined, ...page } } })) as Promise<{ data: Counted[]; next_cursor: string | null }>;
    },
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

export type Counted = Schemas["AnalyticsPerson"] & Partial<Schemas["AnalyticsItem"]>;

/** What steps and variants are called: from their figures, as only what was sent can be filtered by. */
export const placesOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "analytics", "places"],
    staleTime: 60_000,
    queryFn: async () => {
      const ask = (by: "step" | "variant") => must(api.POST("/v1/analytics/query", { body: { metrics: ["sent"], by: [by], period: { from: "2020-01-01", to: "2029-12-01" } } }));
      const [steps, variants] = await Promise.all([ask("step"), ask("variant")]);
      return new Map([...steps.rows, ...variants.rows].map((r) => [r.keys[0]!.value, r.keys[0]!.label]));
    },
  });

export const reportsOptions = (org: string) => queryOptions({ queryKey: [org, "analytics", "reports"], queryFn: async () => (await must(api.GET("/v1/reports", { params: { query: { limit: 200 } } }))).data });
export const reportRunsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "analytics", "reports", id, "runs"], queryFn: async () => (await must(api.GET("/v1/reports/{id}/runs", { params: { path: { id }, query: { limit: 20 } } }))).data });
