import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { setServerTime } from "@/app/clock";
import { api, must, type Schemas } from "@/api/client";

export type Today = Schemas["Today"];
export type Plan = Schemas["SendPlan"];
export type AuditEvent = Schemas["AuditEntry"];
export type Mailbox = Schemas["Mailbox"];

export const todayOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "today"],
    queryFn: async () => {
      const t = await must(api.GET("/v1/today"));
      setServerTime(new Date(t.as_of)); // a demonstration's isn't ours
      return t;
    },
  });

/** What goes out on a day; without one, today. */
export const planOptions = (org: string, date?: string) =>
  queryOptions({ queryKey: [org, "plan", date ?? ""], queryFn: () => must(api.GET("/v1/send-plan", { params: { query: { date } } })), placeholderData: keepPreviousData });

export const usageOptions = (org: string) => queryOptions({ queryKey: [org, "usage"], queryFn: () => must(api.GET("/v1/usage")) });

export const mailboxesOptions = (org: string) => queryOptions({ queryKey: [org, "mailboxes", "today"], queryFn: () => must(api.GET("/v1/mailboxes", { params: { query: { limit: 100 } } })) });

/** The newest events, from which the feed is made. */
export const newestOptions = (org: string) => queryOptions({ queryKey: [org, "history", "newest"], queryFn: () => must(api.GET("/v1/audit/events", { params: { query: { limit: 200 } } })) });

/** What had happened by an instant, the newest first. */
export const beforeOptions = (org: string, at: string) =>
  queryOptions({ queryKey: [org, "log", "before", at], staleTime: Infinity, queryFn: () => must(api.GET("/v1/audit/events", { params: { query: { to: at, limit: 200 } } })) });

/** What the first steps look at: whether there is anybody, and any campaign. */
export const anyLeadOptions = (org: string) => queryOptions({ queryKey: [org, "leads", "any"], queryFn: () => must(api.GET("/v1/leads", { params: { query: { limit: 1 } } })) });
export const campaignsOptions = (org: string) => queryOptions({ queryKey: [org, "campaigns", "today"], queryFn: () => must(api.GET("/v1/campaigns", { params: { query: { limit: 20 } } })) });
