import type { Page } from "@playwright/test";
import { ask } from "./demo";

/** Every page below an organisation that needs no id, and every page outside. Whoever adds a page adds it here: access, width and screenshots follow. */
export const inside: [name: string, path: string][] = [
  ["today", ""],
  ["inbox", "/inbox"],
  ["approvals", "/inbox/approvals"],
  ["in doubt", "/inbox/doubt"],
  ["leads", "/leads"],
  ["companies", "/companies"],
  ["imports", "/imports"],
  ["new import", "/imports/new"],
  ["campaigns", "/campaigns"],
  ["mailboxes", "/mailboxes"],
  ["meetings", "/meetings"],
  ["analytics", "/analytics"],
  ["history", "/history"],
  ["proof", "/history/proof"],
  ["comparison", "/history/compare"],
  ["settings", "/settings"],
  ...["profile", "security", "notifications", "organization", "people", "roles", "usage", "research", "suppressions", "privacy", "keys"].map((id): [string, string] => ["settings, " + id, "/settings/" + id]),
];

export const outside: [name: string, path: string][] = [
  ["sign-in", "/signin"],
  ["sign-up", "/signup"],
  ["forgotten password", "/forgot"],
  ["reset", "/reset#nothing"],
  ["confirm", "/verify#nothing"],
  ["invitation", "/invite#nothing"],
  ["start", "/start#nothing"],
  ["no organisation", "/nowhere"],
  ["operator", "/operator"],
];

/** Pages of one thing each, with what stands in a demonstration; found by the API. */
export async function detailPages(page: Page): Promise<[name: string, path: string][]> {
  type List = { data: { id: string; oseq: number; lead_id: string; thread_id: string; correlation_id: string }[] };
  const first = async (path: string) => (await ask<List>(page, path)).data[0];
  const out: [string, string][] = [];
  const add = (name: string, path: string | undefined) => path && out.push([name, path]);
  const thread = await first("/v1/inbox?status=needs_answer&class=reply&limit=1");
  add("person", thread && "/leads/" + thread.lead_id);
  add("person, peek", thread && "/leads?peek=lead:" + thread.lead_id);
  add("conversation", thread && "/inbox/answer/" + (thread.thread_id ?? thread.id));
  const company = await first("/v1/companies?limit=1");
  add("company", company && "/companies/" + company.id);
  const campaign = await first("/v1/campaigns?limit=1");
  for (const tab of ["overview", "steps", "people", "messages", "schedule", "history"]) add("campaign, " + tab, campaign && `/campaigns/${campaign.id}/${tab}`);
  const box = await first("/v1/mailboxes?limit=1");
  add("mailbox", box && "/mailboxes/" + box.id);
  add("connect a mailbox", "/mailboxes/connect");
  add("new campaign", "/campaigns/new");
  add("booking page", "/meetings/page");
  const event = await first("/v1/audit/events?types=message.replied&limit=1");
  add("event", event && "/history/" + event.oseq);
  add("event, peek", event && `/history?peek=event:${event.oseq}`);
  add("trace", event && "/trace/" + event.correlation_id);
  const import_ = await first("/v1/imports?limit=1");
  add("import", import_ && "/imports/" + import_.id);
  return out;
}
