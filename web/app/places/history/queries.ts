import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { w } from "@/words";
import { filtersOf, type Entry } from "./model";
import type { HistorySearch, PastKind } from "./routes";

type Page = { data: Entry[]; next_cursor: string | null };

const read = async (query: Record<string, unknown>): Promise<Page> => must(api.GET("/v1/audit/events", { params: { query: query as never } }));

export const pageSize = 200;

// Not under "history", which every event makes stale: rows come when they are asked for, and don't move under the pointer.
export const entriesOptions = (org: string, s: HistorySearch) =>
  infiniteQueryOptions({
    queryKey: [org, "log", filtersOf(s)],
    staleTime: 30_000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => read({ ...filtersOf(s), limit: pageSize, cursor: pageParam }),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const newest = (s: HistorySearch) => read({ ...filtersOf(s), limit: pageSize });

export type EventDetail = Schemas["AuditEventDetail"] & { event: Entry };

/** One event by its number: why it happened, and what it changed. */
export const eventOptions = (org: string, oseq: number) =>
  queryOptions({
    queryKey: [org, "log", "event", oseq],
    staleTime: Infinity,
    queryFn: async (): Promise<EventDetail> => {
      const found = await must(api.GET("/v1/search", { params: { query: { q: "#" + oseq, limit: 1 } } }));
      const id = found.data.find((r) => r.kind === "event" && r.oseq === oseq)?.id;
      if (!id) throw new ProblemError({ type: "about:blank", title: w.history.noEvent, status: 404, code: "not_found", request_id: "" });
      return must(api.GET("/v1/audit/events/{id}", { params: { path: { id } } }));
    },
  });

/** How far the history is verified. */
export const headOptions = (org: string) => queryOptions({ queryKey: [org, "log", "head"], staleTime: 15_000, queryFn: () => must(api.GET("/v1/audit/head")) });

/** What differs of an object between two instants. */
export const changesOptions = (org: string, kind: PastKind, subject: string, from: string, to?: string) =>
  queryOptions({ queryKey: [org, "log", "changes", kind, subject, from, to ?? ""], queryFn: () => must(api.GET("/v1/changes", { params: { query: { kind, subject, from, to } } })) });

export type Histogram = { total: number; bucket_seconds: number; buckets: { from: string; to: string; count: number }[] };

/** Events over time, with the filters of the list: as many as its rows. */
export const histogramOptions = (org: string, s: HistorySearch) =>
  queryOptions({
    queryKey: [org, "log", "histogram", filtersOf(s)],
    staleTime: 30_000,
    refetchInterval: (q) => (q.state.data && (q.state.data as unknown as Histogram).total === 0 ? 3000 : false),
    retry: false,
    queryFn: () => must(api.GET("/v1/audit/histogram" as never, { params: { query: { ...filtersOf(s), buckets: 60 } } } as never) as unknown as Promise<{ data?: Histogram; response: Response }>),
  });

export const traceOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "log", "trace", id], queryFn: () => must(api.GET("/v1/trace/{id}", { params: { path: { id } } })) });

export const reconciliationOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "reconciliation"],
    queryFn: async () => {
      try {
        return await must(api.GET("/v1/reconciliation"));
      } catch (err) {
        if (err instanceof ProblemError && err.status === 404) return null;
        throw err;
      }
    },
    refetchInterval: (q) => (q.state.data?.requested_at ? 3000 : false),
  });

export const auditKeyOptions = () => queryOptions({ queryKey: ["", "audit-key"], staleTime: Infinity, queryFn: async () => (await must(api.GET("/v1/audit/key"))).data });
