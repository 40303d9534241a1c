import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type Mailbox = Schemas["Mailbox"];
export { mailboxNamesOptions as mailboxesOptions } from "@/app/places/campaigns/queries";

export const mailboxOptions = (org: string, id: string, at?: string) =>
  queryOptions({ queryKey: [org, "mailboxes", "one", id, at ?? ""], queryFn: () => must(api.GET("/v1/mailboxes/{id}", { params: { path: { id }, query: { at } } })) });

/** What a mailbox sends today, and what takes away from it. */
export const planOptions = (org: string, mailbox: string) => queryOptions({ queryKey: [org, "plan", "mailbox", mailbox], queryFn: () => must(api.GET("/v1/send-plan", { params: { query: { mailbox_id: mailbox } } })) });

/** The campaigns that a mailbox writes for, of the newest 200. */
export const campaignsOptions = (org: string) => queryOptions({ queryKey: [org, "campaigns", "newest"], queryFn: async () => (await must(api.GET("/v1/campaigns", { params: { query: { limit: 200 } } }))).data });

/** The limits that all mailboxes share. */
export const pacingOptions = (org: string) => queryOptions({ queryKey: [org, "mailboxes", "pacing"], queryFn: () => must(api.GET("/v1/pacing")) });

export const publicHolidaysOptions = (org: string) => queryOptions({ queryKey: [org, "mailboxes", "holidays"], queryFn: () => must(api.GET("/v1/public-holidays")) });

export const hoursOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "mailboxes", "hours", id], queryFn: () => must(api.GET("/v1/mailboxes/{id}/hours", { params: { path: { id } } })) });

export const warmupOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "mailboxes", "warmup", id], queryFn: () => must(api.GET("/v1/mailboxes/{id}/warmup", { params: { path: { id } } })) });

export const healthOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "mailboxes", "health", id], queryFn: () => must(api.GET("/v1/mailboxes/{id}/health", { params: { path: { id } } })) });
