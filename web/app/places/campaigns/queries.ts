import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import type { EnrollmentState, ListSearch, MessageState, PeopleSort } from "./search";
import type { WhatIf } from "./what-if";

export type Campaign = Schemas["Campaign"];
export type Enrollment = Schemas["Enrollment"];
export type Step = Schemas["Step"];
export type Variant = Schemas["Variant"];

const next = (p: { next_cursor?: string | null }) => p.next_cursor ?? undefined;
const first = undefined as string | undefined;
const id_ = (id: string) => ({ path: { id } });

export const campaignsOptions = (org: string, f: ListSearch) =>
  infiniteQueryOptions({
    queryKey: [org, "campaigns", "list", f],
    initialPageParam: first,
    queryFn: ({ pageParam }) => must(api.GET("/v1/campaigns", { params: { query: { ...f, limit: 100, include: "total,figures", cursor: pageParam } } })),
    getNextPageParam: next,
  });

export const campaignOptions = (org: string, id: string, at?: string) =>
  queryOptions({ queryKey: [org, "campaigns", "one", id, at ?? ""], queryFn: () => must(api.GET("/v1/campaigns/{id}", { params: { ...id_(id), query: { at } } })) });

export type PeopleFilter = { state?: EnrollmentState; q?: string; sort?: PeopleSort; rule?: string };

export const peopleOptions = (org: string, id: string, f: PeopleFilter) =>
  infiniteQueryOptions({
    queryKey: [org, "enrollments", id, "list", f],
    initialPageParam: first,
    queryFn: ({ pageParam }) => must(api.GET("/v1/campaigns/{id}/enrollments", { params: { ...id_(id), query: { ...f, limit: 100, include: "total,why", cursor: pageParam } } })),
    getNextPageParam: next,
  });

/** How many people each rule holds. */
export const reasonsOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "enrollments", id, "reasons"], queryFn: () => must(api.GET("/v1/campaigns/{id}/reasons", { params: id_(id) })) });

/** The variables that a text may have, with how many of the campaign's people have each. */
export const variablesOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "leads", "variables", id], queryFn: () => must(api.GET("/v1/campaigns/{id}/variables", { params: id_(id) })) });

/** Every check of a launch, by the rules that decide it. */
export const linksOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "campaigns", "links", id], retry: false, queryFn: async () => (await must(api.GET("/v1/campaigns/{id}/links", { params: id_(id) }))).data });

export const readinessOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "campaigns", "readiness", id], staleTime: 0, queryFn: () => must(api.GET("/v1/campaigns/{id}/readiness", { params: id_(id) })) });

/** How many people of a campaign are in a state. */
export const countOptions = (org: string, id: string, state?: EnrollmentState) =>
  queryOptions({
    queryKey: [org, "enrollments", id, "count", state ?? ""],
    queryFn: async () => (await must(api.GET("/v1/campaigns/{id}/enrollments", { params: { ...id_(id), query: { state, limit: 1, include: "total" } } }))).total ?? 0,
  });

export type MessageFilter = { campaign_id: string; state?: MessageState; lead_id?: string; q?: string; day_from?: string };

export const messagesOptions = (org: string, f: MessageFilter) =>
  infiniteQueryOptions({
    queryKey: [org, "messages", "campaign", f],
    initialPageParam: first,
    queryFn: ({ pageParam }) => must(api.GET("/v1/messages", { params: { query: { ...f, limit: 100, include: "total", sort: "-updated_at", cursor: pageParam } } })),
    getNextPageParam: next,
  });

/** How many messages of a campaign wait for a person's approval. */
export const draftsOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "messages", "drafts", id],
    queryFn: async () => (await must(api.GET("/v1/messages", { params: { query: { campaign_id: id, state: "drafted", limit: 1, include: "total" } } }))).total ?? 0,
  });

export const leadOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "leads", "named", id], staleTime: 10 * 60_000, queryFn: () => must(api.GET("/v1/leads/{id}", { params: id_(id) })) });

/** People of a campaign, to preview with. */
export const sampleOptions = (org: string, campaign: string) =>
  queryOptions({
    queryKey: [org, "leads", "sample", campaign],
    queryFn: async () => {
      const its = await must(api.GET("/v1/leads", { params: { query: { campaign_id: campaign, limit: 100 } } }));
      if (its.data.length > 0) return { leads: its.data, enrolled: true };
      return { leads: (await must(api.GET("/v1/leads", { params: { query: { limit: 50 } } }))).data, enrolled: false };
    },
  });

export const whyOptions = (org: string, enrollment: string) =>
  queryOptions({ queryKey: [org, "enrollments", "why", enrollment], queryFn: () => must(api.GET("/v1/enrollments/{id}/why", { params: id_(enrollment) })) });

export const enrollmentOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "enrollments", "one", id], queryFn: () => must(api.GET("/v1/enrollments/{id}", { params: id_(id) })) });

export const mailboxNamesOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "mailboxes", "all"],
    queryFn: async () => {
      const all: Schemas["Mailbox"][] = [];
      for (let cursor: string | undefined, n = 0; n < 20; n++) {
        const page = await must(api.GET("/v1/mailboxes", { params: { query: { limit: 200, sort: "address", cursor } } }));
        all.push(...page.data);
        if (!(cursor = page.next_cursor ?? undefined)) break;
      }
      return all;
    },
  });

export const eventsOptions = (org: string, subject: string) =>
  infiniteQueryOptions({
    queryKey: [org, "history", "of", subject],
    initialPageParam: first,
    queryFn: ({ pageParam }) => must(api.GET("/v1/audit/events", { params: { query: { subject, limit: 100, cursor: pageParam } } })),
    getNextPageParam: next,
  });

/** How a campaign shares what its mailboxes can send. */
export const campaignResearchOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "campaigns", "research", id], queryFn: () => must(api.GET("/v1/campaigns/{id}/research", { params: id_(id) })) });
export const campaignPacingOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "campaigns", "pacing", id], queryFn: () => must(api.GET("/v1/campaigns/{id}/pacing", { params: id_(id) })) });

/** Which leads a campaign takes, by their scores. */
export const campaignEntryOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "campaigns", "entry", id], queryFn: () => must(api.GET("/v1/campaigns/{id}/entry", { params: id_(id) })) });

/** What a campaign is to send; it costs the server some seconds, so it is asked again only when somebody looks anew. */
export const forecastOptions = (org: string, id: string, ask: WhatIf) => queryOptions({ queryKey: [org, "forecast", id, ask], staleTime: 60_000, queryFn: () => must(api.GET("/v1/campaigns/{id}/forecast", { params: { path: { id }, query: ask } })) });

/** What came of the drafts of a campaign that people approved, and what waits. */
export const campaignWritingOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "campaigns", "writing", id], queryFn: () => must(api.GET("/v1/campaigns/{id}/writing", { params: { path: { id } } })) });

/** What language models have cost for a campaign, from its first day on. */
export const campaignSpentOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "ai", "usage", "campaign", id], queryFn: () => must(api.GET("/v1/ai/usage", { params: { query: { campaign_id: id, from: "2020-01-01T00:00:00Z" } } })) });

export const approvalsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "campaigns", "approvals", id], queryFn: () => must(api.GET("/v1/campaigns/{id}/approvals", { params: { path: { id } } })) });
