import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { organization } from "@/api/organization";
import { ProblemError } from "@/api/problem";
import { readEvents } from "@/live/stream";
import { filtersOf, type Entry } from "./model";
import type { HistorySearch } from "./routes";

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

/** One event by its number: the stream tells its time, the list the rest. */
export const entryOptions = (org: string, oseq: number) =>
  queryOptions({
    queryKey: [org, "log", "event", oseq],
    staleTime: Infinity,
    queryFn: async (): Promise<Entry> => {
      const time = await timeOf(oseq);
      if (time) {
        const from = new Date(Date.parse(time));
        for (let cursor: string | undefined, n = 0; n < 50; n++) {
          const page = await read({ from: from.toISOString(), to: new Date(from.getTime() + 1000).toISOString(), order: "oldest", limit: pageSize, cursor });
          const found = page.data.find((e) => e.oseq === oseq);
          if (found) return found;
          if (!page.next_cursor) break;
          cursor = page.next_cursor;
        }
      }
      throw new ProblemError({ type: "about:blank", title: "There is no such event", status: 404, code: "not_found", request_id: "" });
    },
  });

async function timeOf(oseq: number): Promise<string | undefined> {
  const ends = new AbortController();
  const wait = setTimeout(() => ends.abort(), 20_000);
  let time: string | undefined;
  try {
    await readEvents("/v1/events?after=" + (oseq - 1), { "Outrider-Organization": organization() }, ends.signal, () => {}, (e) => {
      if (e.oseq === oseq) time = e.time;
      ends.abort();
    });
  } catch (err) {
    if (!ends.signal.aborted) throw err;
  } finally {
    clearTimeout(wait);
  }
  return time;
}

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
