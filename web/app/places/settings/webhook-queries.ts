import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export const webhooksOptions = (org: string) => queryOptions({ queryKey: [org, "webhooks", "list"], queryFn: async () => (await must(api.GET("/v1/webhooks"))).data });

export const webhookTypesOptions = () => queryOptions({ queryKey: ["", "webhook-types"], staleTime: Infinity, queryFn: async () => (await must(api.GET("/v1/webhook-types"))).data });

export type DeliveryState = "waiting" | "delivered" | "failed";

export const deliveriesOptions = (org: string, id: string, state?: DeliveryState) =>
  infiniteQueryOptions({
    queryKey: [org, "webhooks", "deliveries", id, state],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(api.GET("/v1/webhooks/{id}/deliveries", { params: { path: { id }, query: { state, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
    refetchInterval: 5000, // what an endpoint answers is in no event
  });
