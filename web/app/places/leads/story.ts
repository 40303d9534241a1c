import type { Schemas } from "@/api/client";

type Entry = Schemas["TimelineEntry"];
type Message = Schemas["Message"];

// The story of a person: what was said between us, with the events that only the machinery cares about folded away.
export type Item =
  | { kind: "message"; id: string; message: string; at: string; entry: Entry }
  | { kind: "answer"; id: string; message: string; at: string; automatic: boolean; entry: Entry }
  | { kind: "event"; id: string; at: string; entry: Entry }
  | { kind: "idle"; id: string; days: number }
  | { kind: "technical"; id: string; entries: Entry[] };

const name = (e: Entry) => e.type.replace(/\.v\d+$/, "");

// Steps of the machinery, and what a message's block says itself.
const technical = new Set(["message.requested", "message.drafted", "message.scheduled", "message.claimed", "message.opened", "message.clicked", "message.hit_reclassified", "message.postponed", "message.redraft_requested", "lead.praised", "enrollment.continued", "meeting.confirmation_claimed", "meeting.move_claimed", "meeting.cancellation_claimed", "thread.mail_identified", "research.requested", "company.recorded", "fact.found", "fact.stale", "ai_call.reserved", "ai_call.settled", "evidence.recorded"]);
const blocks = new Set(["message.sent", "message.failed", "message.in_doubt", "message.held"]);

export function isTechnical(e: Entry) {
  return technical.has(name(e)) || (name(e) === "message.approved" && e.data?.by !== "person");
}

const day = 86_400_000;

/** Folds a timeline: blocks for messages and answers, days in which nothing happened, events of the machinery. Oldest first, as it came. */
export function tell(entries: Entry[]): Item[] {
  const out: Item[] = [];
  const shown = new Map<string, number>(); // message -> its block
  let fold: Entry[] = [];
  let last: number | undefined;
  const flush = () => {
    if (fold.length) out.push({ kind: "technical", id: "t" + fold[0]!.oseq, entries: fold });
    fold = [];
  };
  const before = (at: string) => {
    const t = Date.parse(at);
    const days = last === undefined ? 0 : Math.floor((t - last) / day);
    if (days >= 1) out.push({ kind: "idle", id: "i" + at + out.length, days });
    last = t;
  };
  for (const e of entries) {
    if (isTechnical(e)) {
      fold.push(e);
      continue;
    }
    flush();
    before(e.time);
    const message = typeof e.data?.message_id === "string" ? e.data.message_id : "";
    const n = name(e);
    if (blocks.has(n) && message) {
      const i = shown.get(message);
      if (i !== undefined) out[i] = { ...(out[i] as Item & { kind: "message" }), entry: e };
      else {
        shown.set(message, out.length);
        out.push({ kind: "message", id: "m" + message, message, at: e.time, entry: e });
      }
    } else if (n === "message.replied" || n === "message.auto_replied") out.push({ kind: "answer", id: "a" + e.oseq, message, at: typeof e.data?.at === "string" ? e.data.at : e.time, automatic: n === "message.auto_replied", entry: e });
    else out.push({ kind: "event", id: "e" + e.oseq, at: e.time, entry: e });
  }
  flush();
  return out;
}

/** What was said in an answer: the item that answers the same message at about the same time. */
export function wordsOf<T extends { message_id?: string; received_at: string }>(answer: { message: string; at: string }, items: T[]): T | undefined {
  const near = items.filter((i) => i.message_id === answer.message).sort((a, b) => Math.abs(Date.parse(a.received_at) - Date.parse(answer.at)) - Math.abs(Date.parse(b.received_at) - Date.parse(answer.at)));
  return near[0];
}

/** The event before or after an instant, for stepping through time. */
export function neighbour(entries: Entry[], at: string | undefined, by: 1 | -1): Entry | undefined {
  if (!at) return by < 0 ? entries.at(-1) : undefined;
  const t = Date.parse(at);
  return by < 0 ? entries.findLast((e) => Date.parse(e.time) < t) : entries.find((e) => Date.parse(e.time) > t);
}

export const byMessage = (list: Message[]) => new Map(list.map((m) => [m.id, m]));
