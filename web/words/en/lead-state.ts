import type { Schemas } from "@/api/client";
import { cityOf, ruleName } from "./why";

type Lead = Schemas["Lead"];
type Enrollment = Schemas["Enrollment"];
type When = (at: string, zone?: string) => string;

const reasons: Record<string, string> = {
  out_of_office: "out of office",
  replied: "they answered",
  unsubscribed: "they unsubscribed",
  hard_bounce: "a message came back",
  bounced: "a message came back",
  complained: "they called it spam",
  meeting_booked: "a meeting is booked",
  manual: "by hand",
  lead_removed: "the person was removed",
};

export const reasonInWords = (r: string | undefined) => (r ? (reasons[r] ?? r.replaceAll("_", " ")) : "");

/** The enrollment that decides what happens next: one that goes on before one that is over, the newest first. */
export function newestEnrollment(list: Enrollment[]): Enrollment | undefined {
  const order: Enrollment["state"][] = ["active", "deferred", "paused", "stopped", "completed"];
  return [...list].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || Date.parse(b.created_at) - Date.parse(a.created_at))[0];
}

/** Where the person stands, in a sentence. */
export function stateSentence(lead: Lead, list: Enrollment[], why: Schemas["Why"] | undefined, when: When): string {
  if (lead.erased_at) return `Erased ${when(lead.erased_at)}. Only the id and the dates are left.`;
  const e = newestEnrollment(list);
  const blocked = lead.suppressed ? `Nothing is sent: ${lead.suppressed_reason === "unsubscribe" ? "they unsubscribed" : reasonInWords(lead.suppressed_reason) || "the address is suppressed"}${lead.suppressed_at ? `, since ${when(lead.suppressed_at)}` : ""}.` : "";
  if (lead.outreach_status === "meeting_booked") return ["A meeting is booked.", blocked].filter(Boolean).join(" ");
  if (lead.outreach_status === "replied" && e?.state !== "active") return [`Answered${lead.replied_at ? ` ${when(lead.replied_at)}` : ""}${e ? `, after step ${e.step} of ${e.steps}` : ""}. ${e?.state === "completed" ? "All steps were sent." : "The sequence has stopped."}`, blocked].filter(Boolean).join(" ");
  if (blocked) return blocked;
  if (!e) return "On no campaign yet: nothing will be sent.";
  const step = e.steps ? `Step ${Math.min(e.step + 1, e.steps)} of ${e.steps}` : "The first step";
  switch (e.state) {
    case "active": {
      if (!why) return `${step} is next.`;
      const zone = lead.time_zone;
      const at = why.not_before ? ` leaves ${when(why.not_before, zone)}${zone ? ` in ${cityOf(zone)}` : ""} at the earliest` : why.bound ? " waits" : " leaves with the next slot";
      return `${step}${at}.${why.bound ? ` It waits for: ${lower(ruleName(why.bound))}.` : ""}`;
    }
    case "deferred":
      return `${step} waits for a place among the people of ${lead.company_name || "the company"}.`;
    case "paused":
      return `Paused${e.reason ? ` (${reasonInWords(e.reason)})` : ""}${e.paused_until ? ` until ${when(e.paused_until)}` : " until somebody resumes it"}. ${step} is next.`;
    case "stopped":
      return `Stopped after ${e.step} of ${e.steps || "?"} steps${e.reason ? `: ${reasonInWords(e.reason)}` : ""}.`;
    case "completed":
      return `All ${e.steps} steps were sent, without an answer.`;
  }
}

const lower = (s: string) => s.charAt(0).toLowerCase() + s.slice(1);
