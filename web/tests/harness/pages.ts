import type { Page } from "@playwright/test";
import { ask } from "./demo";

export { inside, operator, outside } from "./page-list";

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
  for (const tab of ["overview", "steps", "people", "messages", "schedule", "experiment", "history", "launch"]) add("campaign, " + tab, campaign && `/campaigns/${campaign.id}/${tab}`);
  const box = await first("/v1/mailboxes?limit=1");
  add("mailbox", box && "/mailboxes/" + box.id);
  const domain = await first("/v1/domains");
  add("sending domain", domain && "/mailboxes/domains/" + domain.id);
  const experiment = await first("/v1/experiments?limit=1");
  add("experiment", experiment && "/analytics/experiments/" + experiment.id);
  const event = await first("/v1/audit/events?types=message.replied&limit=1");
  add("event", event && "/history/" + event.oseq);
  add("event, peek", event && `/history?peek=event:${event.oseq}`);
  add("trace", event && "/trace/" + event.correlation_id);
  const import_ = await first("/v1/imports?limit=1");
  add("import", import_ && "/imports/" + import_.id);
  return out;
}
