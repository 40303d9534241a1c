import type { components } from "@/api/schema";
import { w } from "@/words";
import { formatDay } from "@/words/format";

type Organization = Pick<components["schemas"]["Organization"], "status" | "status_cause" | "status_reason" | "next_status" | "next_status_at" | "erase_at">;

export type AccountNotice = { tone: "warn" | "bad"; text: string };

const day = 24 * 60 * 60 * 1000;
/** How long before its end a trial is spoken of above every page. */
const trialDays = 7;

/** What an organisation's status means for who works in it; undefined = nothing to say. */
export function accountNotice(o: Organization, now: Date, zone: string): AccountNotice | undefined {
  const s = w.shell.account;
  const at = o.next_status_at ? formatDay(o.next_status_at, zone) : "";
  switch (o.status) {
    case "active":
      if (!o.next_status_at || new Date(o.next_status_at).getTime() - now.getTime() > trialDays * day) return undefined;
      return { tone: "warn", text: s.trial(at) };
    case "past_due":
      return { tone: "warn", text: at ? s.pastDueUntil(at) : s.pastDue };
    case "suspended":
      if (o.status_cause === "trial") return { tone: "bad", text: s.trialOver };
      if (o.status_cause === "payment") return { tone: "bad", text: at ? s.unpaidUntil(at) : s.unpaid };
      return { tone: "bad", text: s.suspended(o.status_reason) };
    case "cancelled":
      return { tone: "bad", text: o.erase_at ? s.cancelledUntil(formatDay(o.erase_at, zone)) : s.cancelled };
  }
}
