import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type Import = Schemas["Import"];
export type Outcome = "created" | "updated" | "duplicate" | "rejected" | "warned";

const goesOn = (i?: Import) => i?.status === "running" || i?.status === "undoing";

export const importOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "imports", "one", id], queryFn: () => must(api.GET("/v1/imports/{id}", { params: { path: { id } } })), refetchInterval: (q) => (goesOn(q.state.data) ? 500 : false) });

export const importListOptions = (org: string) =>
  infiniteQueryOptions({
    queryKey: [org, "imports", "list"],
    queryFn: ({ pageParam }) => must(api.GET("/v1/imports", { params: { query: { limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const importRowsOptions = (org: string, id: string, outcome?: Outcome) =>
  infiniteQueryOptions({
    queryKey: [org, "imports", "rows", id, outcome],
    queryFn: ({ pageParam }) => must(api.GET("/v1/imports/{id}/rows", { params: { path: { id }, query: { limit: 100, cursor: pageParam, outcome } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const undoOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "imports", "undo", id], queryFn: () => must(api.GET("/v1/imports/{id}/undo", { params: { path: { id } } })), staleTime: 0 });

/** A form as it is: the client must not make JSON of it. */
export const asForm = (form: FormData) => ({ body: form as never, bodySerializer: () => form });
