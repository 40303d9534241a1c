import type { components } from "@/api/schema";

export type Nearly = { key: "leads_per_month" | "leads_stored" | "ai_budget_micros"; percent: 80 | 100; used: number; limit: number; runsOut?: string };

/** What of a plan is warned of, as the server does by mail (quota.warned): the fullest of what is used up without anybody noticing. */
export function nearlyUsedUp(lines: components["schemas"]["UsageLine"][]): Nearly | undefined {
  let most: Nearly | undefined;
  for (const l of lines) {
    if (l.key === "mailboxes" || l.key === "seats" || !l.limit || l.limit <= 0 || l.used * 100 < l.limit * 80) continue;
    const one: Nearly = { key: l.key, percent: l.used >= l.limit ? 100 : 80, used: l.used, limit: l.limit, runsOut: l.runs_out_at };
    if (!most || one.percent > most.percent) most = one;
  }
  return most;
}
