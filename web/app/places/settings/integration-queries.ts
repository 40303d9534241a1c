import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export const integrationsOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "integrations", "list"],
    queryFn: async () => (await must(api.GET("/v1/integrations"))).data,
    refetchInterval: 5000, // what a service answers is in no event
  });

export const providersOptions = () => queryOptions({ queryKey: ["", "integration-providers"], staleTime: Infinity, queryFn: async () => (await must(api.GET("/v1/integration-providers"))).data });

export type Outcome = Schemas["IntegrationOutcome"];

export const integrationLogOptions = (org: string, id: string, outcome?: Outcome) =>
  infiniteQueryOptions({
    queryKey: [org, "integrations", "log", id, outcome],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(api.GET("/v1/integrations/{id}/log", { params: { path: { id }, query: { outcome, limit: 50, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
    refetchInterval: 5000,
  });

export const mappingOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "integrations", "mapping", id], staleTime: Infinity, queryFn: () => must(api.GET("/v1/integrations/{id}/mapping", { params: { path: { id } } })) });

export const conflictsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "integrations", "conflicts", id], refetchInterval: 5000, queryFn: async () => (await must(api.GET("/v1/integrations/{id}/conflicts", { params: { path: { id } } }))).data });

export const listsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "integrations", "lists", id], queryFn: async () => (await must(api.GET("/v1/integrations/{id}/lists", { params: { path: { id } } }))).data });

export const calendarsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "integrations", "calendars", id], queryFn: () => must(api.GET("/v1/integrations/{id}/calendars", { params: { path: { id } } })) });
