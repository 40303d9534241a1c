import { expect } from "@playwright/test";
import { addAccounts, mailAddresses, senderDomain } from "./mail";
import type { Organization } from "./people";

let made = 0;

export const password = "right horse battery";

/** An account at the mail server from which an organisation may send. */
export async function makeSender(): Promise<string> {
  const address = `sales-${Date.now().toString(36)}-${++made}@${senderDomain}`;
  await addAccounts({ address, password });
  return address;
}

/** Somebody who can be written to, with an account of their own. */
export async function makeRecipient(name: string): Promise<string> {
  const address = `${name.toLowerCase()}-${Date.now().toString(36)}-${++made}@people-${made}.test`;
  await addAccounts({ address, password });
  return address;
}

const at = (address: string) => {
  const [host, port] = address.split(":");
  return { host: host!, port: Number(port) };
};

/** Connects a mailbox by the API, and waits until it may send. It sends without pauses. */
export async function connectMailbox(org: Organization): Promise<{ id: string; address: string }> {
  const address = await makeSender();
  const m = mailAddresses();
  const account = { security: "tls", username: address, password };
  const pace = { cap_per_day: 100, cap_per_hour: 0, gap_seconds: 0, jitter_from: 0, jitter_to: 0, warmup_start: 0, warmup_per_day: 0 };
  const connected = await org.owner.api("POST", "/v1/mailboxes", { address, display_name: "Sam of Acme", smtp: { ...at(m.submissions), ...account }, imap: { ...at(m.imaps), ...account }, pace });
  expect(connected.status, JSON.stringify(connected.body)).toBe(201);
  const id = connected.body.id as string;
  await expect.poll(async () => (await org.owner.api("GET", "/v1/mailboxes/" + id)).body.status, { timeout: 300_000 }).toMatch(/^(active|warming)$/);
  return { id, address };
}

export type Sequence = { approval?: "none" | "first" | "all"; subject?: string; body?: string };

/** A campaign with its mailbox, which may send at every hour; not launched. */
export async function draftCampaign(org: Organization, mailbox: string, o: Sequence = {}): Promise<string> {
  const { api } = org.owner;
  const made = await api("POST", "/v1/campaigns", {
    name: "Spring",
    approval: o.approval ?? "none",
    steps: [{ variants: [{ subject: o.subject ?? "A question for {{ company_name }}", body: o.body ?? "Hi {{ first_name }},\n\nshall we talk? {{ booking_link }}\n" }] }, { delay_days: 3, variants: [{ subject: "", body: "Hi {{ first_name }}, one more word." }] }],
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const id = made.body.id as string;
  const window = { days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" };
  const set = await api("PUT", `/v1/campaigns/${id}/settings`, { window, company_gap_minutes: 0 });
  expect(set.status, JSON.stringify(set.body)).toBeLessThan(300);
  expect((await api("PUT", `/v1/campaigns/${id}/mailboxes`, { mailbox_ids: [mailbox] })).status).toBeLessThan(300);
  return id;
}

export type Recipient = { id: string; email: string };

export async function addLead(org: Organization, name: string): Promise<Recipient> {
  const email = await makeRecipient(name);
  const added = await org.owner.api("POST", "/v1/leads", { email, first_name: name, last_name: "Example", company_name: `${name} Works`, time_zone: "Europe/Berlin" });
  expect(added.status, JSON.stringify(added.body)).toBe(201);
  return { id: added.body.id as string, email };
}

/** Puts people on a campaign and launches it, by the API. */
export async function launch(org: Organization, campaign: string, leads: Recipient[]) {
  const { api } = org.owner;
  const enrolled = await api("POST", `/v1/campaigns/${campaign}/enrollments`, { lead_ids: leads.map((l) => l.id) });
  expect(enrolled.status, JSON.stringify(enrolled.body)).toBeLessThan(300);
  const launched = await api("POST", `/v1/campaigns/${campaign}/launch`);
  expect(launched.status, JSON.stringify(launched.body)).toBeLessThan(300);
}
