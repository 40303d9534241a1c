import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { asked, type Filters, type LeadsQuery } from "./filters";

export type Lead = Schemas["Lead"];
export const pageSize = 200;

const query = (f: Filters, sort: string | undefined, more: Partial<LeadsQuery>) => ({ ...(asked(f) as LeadsQuery), sort: sort as LeadsQuery["sort"], ...more });

// The rows that stand keep standing: events make only the head stale (see rows.ts).
export const leadRowsOptions = (org: string, f: Filters, sort?: string) =>
  infiniteQueryOptions({
    queryKey: [org, "lead-rows", f, sort],
    queryFn: ({ pageParam, signal }) => must(api.GET("/v1/leads", { params: { query: query(f, sort, { limit: pageSize, cursor: pageParam, include: pageParam ? undefined : "total" }) }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export const leadHeadOptions = (org: string, f: Filters, sort?: string) =>
  queryOptions({
    queryKey: [org, "leads", "head", f, sort],
    queryFn: ({ signal }) => must(api.GET("/v1/leads", { params: { query: query(f, sort, { limit: 100, include: "total" }) }, signal })),
  });

export const leadFacetsOptions = (org: string, f: Filters) =>
  queryOptions({ queryKey: [org, "leads", "facets", f], queryFn: ({ signal }) => must(api.GET("/v1/leads/facets", { params: { query: asked(f) as never }, signal })), placeholderData: keepPreviousData });

export const leadTotalOptions = (org: string, f: Filters) =>
  queryOptions({ queryKey: [org, "leads", "total", f], queryFn: async () => (await must(api.GET("/v1/leads", { params: { query: query(f, undefined, { limit: 1, include: "total" }) } }))).total ?? 0 });

export const leadOptions = (org: string, id: string, at?: string) =>
  queryOptions({ queryKey: [org, "leads", "one", id, at], queryFn: () => must(api.GET("/v1/leads/{id}", { params: { path: { id }, query: { at } } })) });

export const leadEnrollmentsOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "leads", "enrollments", id],
    queryFn: async () => (await must(api.GET("/v1/leads/{id}/enrollments", { params: { path: { id }, query: { limit: 200, sort: "-created_at" } } }))).data,
  });

export const leadResearchOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "leads", "research", id], queryFn: () => must(api.GET("/v1/leads/{id}/research", { params: { path: { id } } })) });

export const leadFactsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "leads", "facts", id], queryFn: () => must(api.GET("/v1/leads/{id}/facts", { params: { path: { id } } })) });

export const leadScoreOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "leads", "score", id],
    queryFn: () => must(api.GET("/v1/leads/{id}/score", { params: { path: { id } } })),
    refetchInterval: (q) => (q.state.data?.pending ? 2000 : false),
  });

export const leadMessagesOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "messages", "of-lead", id], queryFn: async () => (await must(api.GET("/v1/messages", { params: { query: { lead_id: id, limit: 200 } } }))).data });

export const messageOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "messages", "one", id], queryFn: () => must(api.GET("/v1/messages/{id}", { params: { path: { id } } })) });

const most = 20; // pages of 200 events are as many as a person is shown

export const leadTimelineOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "leads", "timeline", id],
    queryFn: async () => {
      const all: Schemas["TimelineEntry"][] = [];
      let cursor: string | undefined;
      for (let n = 0; n < most; n++) {
        const p = await must(api.GET("/v1/leads/{id}/timeline", { params: { path: { id }, query: { limit: 200, cursor } } }));
        all.push(...p.data);
        if (!p.next_cursor) break;
        cursor = p.next_cursor;
      }
      return all;
    },
  });

/** What the person has said, of all their threads. */
export const leadAnswersOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "inbox", "of-lead", id],
    queryFn: async () => {
      const threads = await must(api.GET("/v1/inbox", { params: { query: { lead_id: id, limit: 20 } } }));
      const full = await Promise.all(threads.data.map((t) => must(api.GET("/v1/inbox/{id}", { params: { path: { id: t.id }, query: { limit: 200 } } }))));
      return full.flatMap((t) => t.items.filter((i) => i.direction !== "out").map((i) => ({ ...i, thread: t.id })));
    },
  });

export const bulkOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "leads", "bulk", id],
    queryFn: async () => must(api.GET("/v1/leads/bulk/{id}", { params: { path: { id }, query: { limit: 20 } } })),
    refetchInterval: (q) => (q.state.data?.job.status === "completed" ? false : 700),
  });

export const exportOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "exports", id],
    queryFn: () => must(api.GET("/v1/exports/{id}", { params: { path: { id } } })),
    refetchInterval: (q) => (q.state.data && q.state.data.status !== "running" ? false : 700),
  });
