import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { must } from "@/api/client";
import { platform } from "./client";

export const organizationsOptions = () =>
  infiniteQueryOptions({
    queryKey: ["operator", "organizations"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(platform.GET("/v1/organizations", { params: { query: { limit: 200, cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const platformKeysOptions = () => queryOptions({ queryKey: ["operator", "keys"], queryFn: async () => (await must(platform.GET("/v1/platform-keys"))).data });

export const plansOptions = () => queryOptions({ queryKey: ["operator", "plans"], queryFn: async () => (await must(platform.GET("/v1/plans"))).data });

export const flagsOptions = () => queryOptions({ queryKey: ["operator", "flags"], queryFn: async () => (await must(platform.GET("/v1/platform/flags"))).data });

export const flagHistoryOptions = (name: string) =>
  queryOptions({ queryKey: ["operator", "flags", name, "history"], queryFn: async () => (await must(platform.GET("/v1/platform/flags/{name}/history", { params: { path: { name }, query: { limit: 200 } } }))).data });
