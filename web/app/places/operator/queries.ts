import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { must } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { platform } from "./client";

export const organizationsOptions = () =>
  infiniteQueryOptions({
    queryKey: ["operator", "organizations"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(platform.GET("/v1/organizations", { params: { query: { limit: 200, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const organizationOptions = (id: string) => queryOptions({ queryKey: ["operator", "organizations", id], queryFn: () => must(platform.GET("/v1/admin/organizations/{id}", { params: { path: { id } } })) });

export const platformKeysOptions = () => queryOptions({ queryKey: ["operator", "keys"], queryFn: async () => (await must(platform.GET("/v1/platform-keys"))).data });

export const comparisonOptions = () =>
  queryOptions({
    queryKey: ["operator", "billing"],
    queryFn: async () => {
      try {
        return await must(platform.GET("/v1/admin/billing"));
      } catch (err) {
        if (err instanceof ProblemError && err.status === 404) return null; // nothing is sold, or nothing was compared yet
        throw err;
      }
    },
    refetchInterval: (q) => (q.state.data && !q.state.data.ended_at ? 1000 : false),
  });

export const stoppedOptions = () =>
  queryOptions({
    queryKey: ["operator", "organizations", "stopped"],
    queryFn: async () => (await Promise.all((["past_due", "suspended", "cancelled"] as const).map((status) => must(platform.GET("/v1/admin/organizations", { params: { query: { status, limit: 100 } } }))))).flatMap((p) => p.data),
  });

export const plansOptions = () => queryOptions({ queryKey: ["operator", "plans"], queryFn: async () => (await must(platform.GET("/v1/plans"))).data });

export const flagsOptions = () => queryOptions({ queryKey: ["operator", "flags"], queryFn: async () => (await must(platform.GET("/v1/platform/flags"))).data });

export const flagHistoryOptions = (name: string) =>
  queryOptions({ queryKey: ["operator", "flags", name, "history"], queryFn: async () => (await must(platform.GET("/v1/platform/flags/{name}/history", { params: { path: { name }, query: { limit: 200 } } }))).data });

export const trialsOptions = () => queryOptions({ queryKey: ["operator", "trials"], queryFn: async () => (await must(platform.GET("/v1/platform/experiments", { params: { query: { limit: 200 } } }))).data });
export const trialOptions = (id: string) => queryOptions({ queryKey: ["operator", "trials", id], queryFn: () => must(platform.GET("/v1/platform/experiments/{id}", { params: { path: { id } } })) });
