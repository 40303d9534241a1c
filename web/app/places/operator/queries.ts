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
