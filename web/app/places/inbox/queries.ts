import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { askedOf, type InboxSearch, type ThreadScope } from "./scopes";

export type Entry = Schemas["InboxEntry"];
export type Thread = Schemas["InboxThread"];
export type Message = Schemas["Message"];
export type Item = Schemas["InboxItem"];

export const threadsOptions = (org: string, scope: ThreadScope, search: InboxSearch) =>
  infiniteQueryOptions({
    queryKey: [org, "inbox", "list", scope, search],
    queryFn: ({ pageParam, signal }) => must(api.GET("/v1/inbox", { params: { query: { ...askedOf(scope, search), limit: 50, cursor: pageParam, include: pageParam ? undefined : "total" } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

export const countsOptions = (org: string, search: InboxSearch) =>
  queryOptions({ queryKey: [org, "inbox", "counts", search.campaign_id, search.mailbox_id], queryFn: () => must(api.GET("/v1/inbox/counts", { params: { query: { campaign_id: search.campaign_id, mailbox_id: search.mailbox_id } } })) });

export const threadOptions = (org: string, id: string) =>
  queryOptions({
    queryKey: [org, "inbox", "thread", id],
    queryFn: async (): Promise<Thread> => {
      const first = await must(api.GET("/v1/inbox/{id}", { params: { path: { id }, query: { limit: 200 } } }));
      let cursor = first.next_cursor;
      for (let n = 0; cursor && n < 10; n++) {
        const more = await must(api.GET("/v1/inbox/{id}", { params: { path: { id }, query: { limit: 200, cursor } } }));
        first.items.push(...more.items);
        cursor = more.next_cursor;
      }
      return first;
    },
  });

export const answerOptions = (org: string, thread: string, item: string) =>
  queryOptions({ queryKey: [org, "inbox", "answer", thread, item], queryFn: () => must(api.GET("/v1/inbox/{id}/answer-draft", { params: { path: { id: thread } } })) });

export const evidenceOptions = (org: string, id: string, draft: number) =>
  queryOptions({ queryKey: [org, "messages", "evidence", id, draft], queryFn: () => must(api.GET("/v1/messages/{id}/evidence", { params: { path: { id } } })) });

/** Messages that wait for a person: drafts to approve, or those of which it isn't known whether they left. */
export const waitingOptions = (org: string, kind: "approvals" | "doubt", search: InboxSearch) =>
  infiniteQueryOptions({
    queryKey: [org, "messages", "waiting", kind, search],
    queryFn: ({ pageParam, signal }) =>
      must(
        api.GET("/v1/messages", {
          params: { query: { state: kind === "doubt" ? "in_doubt" : "drafted", q: search.q, mailbox_id: search.mailbox_id, campaign_id: search.campaign_id, limit: 100, cursor: pageParam, include: pageParam ? "lead" : "total,lead", sort: "created_at" } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });
