import { queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export const campaignsOptions = (org: string) => queryOptions({ queryKey: [org, "campaigns", "names"], queryFn: async () => (await must(api.GET("/v1/campaigns", { params: { query: { limit: 50 } } }))).data });

export const mailboxNamesOptions = (org: string) => queryOptions({ queryKey: [org, "mailboxes", "names"], queryFn: async () => new Map((await must(api.GET("/v1/mailboxes", { params: { query: { limit: 200 } } }))).data.map((m) => [m.id, m.address ?? m.id] as [string, string])) });

export const reportOptions = (org: string, id: string, from: string, to: string) =>
  queryOptions({
    queryKey: [org, "analytics", id, from, to],
    placeholderData: (before) => before,
    queryFn: () => must(api.GET("/v1/campaigns/{id}/analytics", { params: { path: { id }, query: { from, to, mailboxes: "true" } } })),
  });
