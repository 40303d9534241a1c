import { counted, formatCount } from "../format";
import { readingFailures } from "./reading-failures";
import { ruleInWords } from "./rules";

type Inputs = Record<string, unknown>;
type When = (at: string, zone?: string) => string;

const text = (v: unknown) => (typeof v === "string" ? v.replaceAll("_", " ") : "");
const number = (v: unknown) => (typeof v === "number" ? v : 0);
const time = (v: unknown) => (typeof v === "string" && v ? v : undefined);

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** [1,2,3,4,5] -> "Mon-Fri"; [1,3] -> "Mon, Wed". Monday is 1, Sunday 7 (or 0). */
export function daysInWords(days: number[]): string {
  const list = [...new Set(days.map((d) => (d === 0 ? 7 : d)))].sort((a, b) => a - b);
  const out: string[] = [];
  for (let i = 0; i < list.length; ) {
    let j = i;
    while (j + 1 < list.length && list[j + 1] === list[j]! + 1) j++;
    const [from, to] = [dayNames[list[i]! - 1] ?? "", dayNames[list[j]! - 1] ?? ""];
    out.push(j - i >= 2 ? `${from}–${to}` : j > i ? `${from}, ${to}` : from);
    i = j + 1;
  }
  return out.join(", ");
}

/** America/Los_Angeles -> Los Angeles */
export const cityOf = (zone: string) => zone.split("/").at(-1)!.replaceAll("_", " ");

const minutes = (n: number) => (n > 0 && n % 60 === 0 ? counted(n / 60, "hour", "hours") : counted(n, "minute", "minutes"));

type Hours = { days?: number[]; from?: string; to?: string };
const hours = (i: Inputs) => {
  const all = (Array.isArray(i.windows) ? i.windows : []) as Hours[];
  return all.length === 0 ? "at any time" : all.map((x) => `${daysInWords(x.days ?? [])} ${x.from ?? ""}–${x.to ?? ""}`).join("; ") + (text(i.zone) ? `, ${cityOf(String(i.zone))}` : "");
};
const per: Record<string, string> = { day: "today", "24h": "in 24 hours", hour: "this hour" };
const shared = (i: Inputs) => (i.cap ? `${formatCount(number(i.sent))} of ${formatCount(number(i.cap))} sent ${per[String(i.per)] ?? ""}`.trim() : "no limit is set");

const details: Record<string, (i: Inputs, when: When) => string> = {
  organization: (i) => `the organisation is ${text(i.status) || "unknown"}`,
  campaign: (i) => `the campaign is ${text(i.status) || "unknown"}`,
  campaign_date: (i) => (i.start_date ? `its first day is ${text(i.start_date)}` : "it has no first day"),
  enrollment: (i, when) => (i.ended ? "the sequence has ended" : i.paused ? (time(i.until) ? `paused until ${when(time(i.until)!)}` : "paused until somebody resumes it") : "not paused"),
  suppressed: (i) => (i.suppressed ? `suppressed${i.kind ? ` by ${text(i.kind)}` : ""}` : "not suppressed"),
  score: (i) =>
    i.min_lead_score === undefined
      ? "the campaign takes anybody"
      : `score ${number(i.lead_score)}, need ${number(i.intent_score)}${i.qualification ? `, ${text(i.qualification)}` : ""}; the campaign demands ` +
        [number(i.min_lead_score) ? `a score of ${number(i.min_lead_score)}` : "", number(i.min_intent_score) ? `a need of ${number(i.min_intent_score)}` : "", Array.isArray(i.qualifications) && i.qualifications.length ? i.qualifications.map(text).join(" or ") : ""]
          .filter(Boolean)
          .join(", "),
  person_gap: (i, when) => (time(i.last_sent) ? `written to ${when(time(i.last_sent)!)} from another campaign; ${minutes(number(i.gap_minutes))} lie between` : "not written to from another campaign"),
  draft: (i) => (i.needs_approval && text(i.state) !== "approved" ? `${text(i.state)}; a person must approve it` : number(i.drafts) ? `${text(i.state)}, ${counted(number(i.drafts), "draft", "drafts")}` : "no draft yet"),
  retry: (i, when) => (time(i.earliest) ? `due ${when(time(i.earliest)!)}` : "due at once"),
  window: (i, when) => {
    const w = (i.window ?? {}) as { days?: number[]; from?: string; to?: string };
    const zone = text(i.zone) ? String(i.zone) : "";
    return `${daysInWords(w.days ?? [])} ${w.from ?? ""}–${w.to ?? ""}${zone ? `, ${cityOf(zone)}` : ""}` + (time(i.opens) ? `, opens ${when(time(i.opens)!, zone)}` : "");
  },
  company_gap: (i, when) => (time(i.last_sent) ? `somebody there was written to ${when(time(i.last_sent)!)}; ${minutes(number(i.gap_minutes))} lie between` : "nobody there was written to lately"),
  company_cap: (i) => `${formatCount(number(i.active))} of at most ${formatCount(number(i.cap))} people of this company are in the sequence`,
  mailbox: (i) => `the mailbox is ${text(i.status) || "unknown"}`,
  inbox_unread: (i, when) => (readingFailures[String(i.reason)] ?? "the mailbox can't be read") + (time(i.since) ? `, since ${when(time(i.since)!)}` : ""),
  in_flight: (i) => (number(i.in_flight) ? `${counted(number(i.in_flight), "message is", "messages are")} leaving this mailbox` : "nothing is leaving this mailbox"),
  gap: (i, when) => `${minutes(Math.round(number(i.gap_seconds) / 60))} between two messages` + (time(i.until) ? `, free ${when(time(i.until)!)}` : ""),
  cap_24h: (i) => `${formatCount(number(i.sent_24h))} of ${formatCount(number(i.cap))} sent in 24 hours`,
  cap_day: (i) => `${formatCount(number(i.sent_day))} of ${formatCount(number(i.cap))} sent today`,
  cap_hour: (i) => `${formatCount(number(i.sent_hour))} of ${formatCount(number(i.cap))} sent this hour`,
  mailbox_window: hours,
  campaign_window: hours,
  public_holiday: (i) => (i.holiday ? `${String(i.holiday)} in ${String(i.country)}` : i.country ? `no public holiday in ${String(i.country)}` : "no public holidays are heeded where they live"),
  campaign_new_people: (i) => (i.cap ? `${formatCount(number(i.written_to))} of ${formatCount(number(i.cap))} new people written to today` : "no limit is set"),
  recipient_domain_cap: shared,
  recipient_provider_cap: (i) => (i.provider ? `${String(i.provider)}: ${shared(i)}` : "no limit is set"),
  sending_domain_cap: shared,
  organization_cap: shared,
  research: (i, when) => (time(i.requested_at) ? `asked for ${when(time(i.requested_at)!)}; a first message waits for it at most ${minutes(number(i.wait_minutes))}` : i.on ? "the company's site isn't being read" : "the campaign doesn't want it"),
  rotation: () => "mailboxes take turns",
  hand_over: () => "it stays stopped",
  requalification: () => "what is counted against it must fall out of seven days",
};

/** What the inputs of a rule say. */
export const ruleDetail = (rule: string, inputs: Inputs, when: When) => details[rule]?.(inputs, when) ?? "";

const names: Record<string, string> = {
  organization: "Organisation",
  campaign: "Campaign",
  campaign_date: "First day of the campaign",
  enrollment: "This person in the campaign",
  suppressed: "Suppressions",
  score: "Score",
  person_gap: "Gap between campaigns",
  research: "Reading of the company's site",
  draft: "Draft",
  retry: "Delay of the step",
  window: "Recipient's working hours",
  company_gap: "Gap between people of a company",
  company_cap: "People of the company at once",
  mailbox: "Mailbox",
  inbox_unread: "Reading of the mailbox",
  in_flight: "One message at a time",
  gap: "Pause between two messages",
  cap_hour: "Limit an hour",
  cap_day: "Limit a day",
  cap_24h: "Limit of 24 hours",
  mailbox_window: "Mailbox's hours",
  campaign_window: "Campaign's hours",
  public_holiday: "Public holidays",
  campaign_new_people: "New people a day",
  recipient_domain_cap: "Limit to the company's domain",
  recipient_provider_cap: "Limit to the recipient's provider",
  sending_domain_cap: "Limit of the sending domain",
  organization_cap: "Limit of all mailboxes",
};

/** What a rule is called when it doesn't hold anything. */
export const ruleName = (rule: string) => names[rule] ?? ruleInWords(rule);

export const why = {
  title: "Why does it wait?",
  binds: "What holds it",
  free: (n: number) => `${counted(n, "rule holds", "rules hold")} nothing`,
  inputs: "What was looked at",
  until: (at: string) => `until ${at}`,
  needsSomebody: "until something changes; time alone doesn't end it",
  earliest: "Earliest, by what is known now",
  unknown: "Something must happen first: see what has no time.",
  nothing: "Nothing holds it: it leaves with the next slot of its mailbox.",
  lookedAt: (at: string) => `Its mailbox is decided on again ${at}.`,
  asOf: (at: string, oseq: string) => `As of ${at}, event ${oseq}`,
  ended: (state: string, reason?: string) => `It is over: ${state.replaceAll("_", " ")}${reason ? ` (${reason.replaceAll("_", " ")})` : ""}.`,
  yours: "yours",
  theirs: "theirs",
};
