import type { Schemas } from "@/api/client";

type Item = Schemas["InboxItem"];
type Entry = Schemas["TimelineEntry"];

const by: Record<string, string> = { message_id: "found by the message it answers", tag: "found by its address", references: "found by the conversation", address: "found by who wrote it", subject: "found by its subject" };

const says: Record<string, string> = {
  interested: "They are interested",
  not_now: "Not now",
  not_interested: "They are not interested",
  meeting_request: "They ask for a meeting",
  already_customer: "They are a customer already",
  hostile_or_legal: "They are angry, or speak of the law",
  left_company: "Somebody says that the person has left",
  out_of_office: "They are out of office",
  automatic: "An automatic answer",
  referral: "They name somebody else",
  unsubscribe: "They want no more mail",
  maybe_unsubscribe: "They may want no more mail",
  wrong_person: "They are not the right person",
  other: "A person answered; nothing tells what it means",
};

/** Why this is taken for what it is. */
export function causeOf(i: Item, day: (d: string) => string): string {
  if (i.class === "automatic") return (i.out_of_office ? `Out of office${i.return_date ? ` until ${day(i.return_date)}` : ""}` : "An automatic answer") + (i.matched_by ? `, ${by[i.matched_by] ?? "found by " + i.matched_by.replaceAll("_", " ")}` : "");
  if (i.class === "bounce") return `It came back${i.kind ? `: ${i.kind.replaceAll("_", " ")}` : ""}${i.code ? ` (${i.code}${i.enhanced ? " " + i.enhanced : ""})` : ""}`;
  if (i.class === "complaint") return "They called it spam";
  return (says[i.meaning ?? "other"] ?? "A person answered") + (i.sender && i.sender !== "lead" ? `; written by ${i.sender === "company" ? "somebody at the company" : "another address of theirs"}` : "");
}

const effects = /^(enrollment\.(stopped|paused|resumed|completed)|lead\.unsubscribed|suppression\.added)\./;

/** What the campaign did about it: events that name the same message and came with it. */
export function effectsOf(i: Item, timeline: Entry[]): string[] {
  const at = Date.parse(i.received_at);
  const came = timeline.find((e) => /^message\.(replied|auto_replied|bounced|complained)\./.test(e.type) && e.data?.message_id === i.message_id && Math.abs(Date.parse(String(e.data?.at ?? e.time)) - at) < 1000);
  if (!came) return [];
  return timeline.filter((e) => effects.test(e.type) && e.oseq > came.oseq && e.oseq <= came.oseq + 40 && Math.abs(Date.parse(e.time) - Date.parse(came.time)) < 60_000).map((e) => e.text);
}
