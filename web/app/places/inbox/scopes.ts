import type { Schemas } from "@/api/client";
import type { paths } from "@/api/schema";

export const scopes = ["answer", "approvals", "doubt", "snoozed", "mine", "all"] as const;
export type Scope = (typeof scopes)[number];
export type ThreadScope = Exclude<Scope, "approvals" | "doubt">;

const otherNames: Record<string, Scope> = { needs_answer: "answer", "needs-answer": "answer", replies: "answer", in_doubt: "doubt", "in-doubt": "doubt", drafts: "approvals" };

export function scopeOf(name: string | undefined): Scope {
  return scopes.find((s) => s === name) ?? otherNames[name ?? ""] ?? "answer";
}

export const classes = ["reply", "automatic", "bounce", "complaint"] as const satisfies readonly Schemas["InboxClass"][];
export const meanings = ["interested", "meeting_request", "referral", "not_now", "other", "maybe_unsubscribe", "already_customer", "wrong_person", "left_company", "not_interested", "hostile_or_legal", "unsubscribe", "out_of_office", "automatic"] as const satisfies readonly Schemas["ReplyMeaning"][];

export type InboxSearch = { q?: string; class?: Schemas["InboxClass"]; meaning?: Schemas["ReplyMeaning"]; confidence?: "low"; mailbox_id?: string; campaign_id?: string };

const id = (v: unknown) => (typeof v === "string" && /^[0-9a-f-]{36}$/i.test(v) ? v : undefined);

export function readInboxSearch(s: Record<string, unknown>): InboxSearch {
  return {
    q: typeof s.q === "string" || typeof s.q === "number" ? String(s.q).trim().slice(0, 200) || undefined : undefined,
    class: classes.find((c) => c === s.class),
    meaning: meanings.find((m) => m === s.meaning) ?? (s.class === "unclear" ? "other" : undefined),
    confidence: s.confidence === "low" ? "low" : undefined,
    mailbox_id: id(s.mailbox_id),
    campaign_id: id(s.campaign_id),
  };
}

export type InboxQuery = NonNullable<paths["/v1/inbox"]["get"]["parameters"]["query"]>;

/** What a scope asks of the list of threads. */
export function askedOf(scope: ThreadScope, s: InboxSearch): InboxQuery {
  const more: InboxQuery = { q: s.q, class: s.class, meaning: s.meaning, confidence: s.confidence, mailbox_id: s.mailbox_id, campaign_id: s.campaign_id };
  if (scope === "answer") more.status = "needs_answer";
  if (scope === "snoozed") more.status = "snoozed";
  if (scope === "mine") more.assignee = "me";
  return Object.fromEntries(Object.entries(more).filter(([, v]) => v !== undefined)) as InboxQuery;
}

/** Whether a thread still belongs to a scope after a change. */
export function belongs(scope: ThreadScope, status: Schemas["ThreadStatus"]) {
  return scope === "all" || (scope === "answer" ? status === "needs_answer" : scope === "snoozed" ? status === "snoozed" : status !== "done");
}

/** Which one opens when this one leaves the list: the next below, else the one above. */
export function nextAfter(ids: string[], current: string): string | undefined {
  const i = ids.indexOf(current);
  return i < 0 ? ids[0] : (ids[i + 1] ?? ids[i - 1]);
}

/** When something that is put off comes back. Mornings are at eight where the person sits. */
export function snoozeTimes(now: Date): { name: string; at: Date }[] {
  const morning = (days: number) => {
    const d = new Date(now);
    d.setDate(d.getDate() + days);
    d.setHours(8, 0, 0, 0);
    return d;
  };
  return [
    { name: "later", at: new Date(now.getTime() + 3 * 3_600_000) },
    { name: "tomorrow", at: morning(1) },
    { name: "monday", at: morning((8 - now.getDay()) % 7 || 7) },
    { name: "week", at: morning(7) },
    { name: "month", at: morning(30) },
  ];
}

export type Patch = Schemas["InboxThreadPatch"];
export type Before = Pick<Schemas["InboxEntry"], "status" | "snoozed_until" | "assignee" | "unread">;

/** The values of before, of what a patch changed. */
export function undoOf(patch: Patch, before: Before): Patch {
  const out: Patch = {};
  if (patch.status) {
    out.status = before.status;
    if (before.status === "snoozed" && before.snoozed_until) out.snoozed_until = before.snoozed_until;
  }
  if (patch.assignee !== undefined) out.assignee = before.assignee ?? null;
  if (patch.unread !== undefined) out.unread = before.unread;
  return out;
}
