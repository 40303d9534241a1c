import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type Claim = Schemas["Claim"];

export const claimsOptions = (org: string, retired: boolean) =>
  infiniteQueryOptions({
    queryKey: [org, "claims", "list", retired],
    queryFn: ({ pageParam, signal }) => must(api.GET("/v1/claims", { params: { query: { retired: retired || undefined, limit: 100, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const claimOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "claims", "one", id], queryFn: () => must(api.GET("/v1/claims/{id}", { params: { path: { id } } })) });
