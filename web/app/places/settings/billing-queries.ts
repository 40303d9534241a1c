import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export const billingOptions = (org: string) => queryOptions({ queryKey: [org, "billing", "state"], queryFn: () => must(api.GET("/v1/billing")) });

export const invoicesOptions = (org: string) =>
  infiniteQueryOptions({
    queryKey: [org, "billing", "invoices"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(api.GET("/v1/invoices", { params: { query: { limit: 24, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const invoiceOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "billing", "invoice", id], queryFn: () => must(api.GET("/v1/invoices/{id}", { params: { path: { id } } })) });

export const lineEventsOptions = (org: string, id: string, n: number) =>
  infiniteQueryOptions({
    queryKey: [org, "billing", "line", id, n],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(api.GET("/v1/invoices/{id}/lines/{n}/events", { params: { path: { id, n: String(n) }, query: { limit: 50, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const previewOptions = (org: string, plan: string) =>
  queryOptions({ queryKey: [org, "billing", "preview", plan], staleTime: 0, gcTime: 0, queryFn: () => must(api.POST("/v1/billing/preview", { body: { plan } })) });
