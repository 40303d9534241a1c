import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export const membersOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "members", "list"],
    queryFn: async () => {
      const all = [];
      for (let cursor: string | undefined, n = 0; n < 20; n++) {
        const page = await must(api.GET("/v1/members", { params: { query: { limit: 200, cursor } } }));
        all.push(...page.data);
        if (!page.next_cursor) break;
        cursor = page.next_cursor;
      }
      return all;
    },
  });

export const invitationsOptions = (org: string) =>
  queryOptions({ queryKey: [org, "members", "invitations"], queryFn: async () => (await must(api.GET("/v1/invitations", { params: { query: { limit: 200 } } }))).data });

export const rolesOptions = (org: string) => queryOptions({ queryKey: [org, "members", "roles"], queryFn: async () => (await must(api.GET("/v1/roles"))).data });

export const sessionsOptions = () => queryOptions({ queryKey: ["", "sessions"], queryFn: async () => (await must(api.GET("/v1/auth/sessions"))).data });

export const keysOptions = (org: string) => queryOptions({ queryKey: [org, "keys"], queryFn: async () => (await must(api.GET("/v1/api-keys"))).data });

export const usageOptions = (org: string) => queryOptions({ queryKey: [org, "usage"], queryFn: () => must(api.GET("/v1/usage")) });

export const plansOptions = () => queryOptions({ queryKey: ["", "plans"], staleTime: Infinity, queryFn: async () => (await must(api.GET("/v1/plans"))).data });

export const exportsOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "exports"],
    queryFn: async () => (await must(api.GET("/v1/exports", { params: { query: { limit: 50 } } }))).data,
    refetchInterval: (q) => (q.state.data?.some((x) => x.status === "running") ? 2000 : false),
  });

export const erasuresOptions = (org: string) =>
  queryOptions({ queryKey: [org, "history", "erasures"], queryFn: async () => (await must(api.GET("/v1/audit/events", { params: { query: { type: "lead.erased", limit: 50 } } }))).data });

export type SuppressionFilters = { q?: string; kind?: "address" | "domain"; reason?: "manual" | "unsubscribe" | "bounce" | "complaint" | "import" | "erasure"; sort?: "created_at" | "-created_at" | "value" | "-value" | "reason" | "-reason" };

export const suppressionsOptions = (org: string, f: SuppressionFilters) =>
  infiniteQueryOptions({
    queryKey: [org, "suppressions", f],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => must(api.GET("/v1/suppressions", { params: { query: { ...f, limit: 200, include: "total", cursor: pageParam } } })),
    getNextPageParam: (p) => p.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
