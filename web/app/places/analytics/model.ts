import type { Schemas } from "@/api/client";

export type Figures = Schemas["Figures"];
export type Report = Schemas["CampaignReport"];

export const metrics = ["sent", "reply", "meeting", "open", "click", "bounce", "unsubscribe", "complaint"] as const;
export type Metric = (typeof metrics)[number];

export const parts = ["campaign", "step", "variant", "mailbox"] as const;
export type Part = (typeof parts)[number];

/** How many days each period has, by the key that chooses it. */
export const periods = { d: 1, w: 7, m: 28, q: 91, y: 365 } as const;
export type PeriodName = keyof typeof periods;

type RateKey = "reply_rate" | "meeting_rate" | "open_rate" | "machine_opens" | "click_rate" | "scanner_clicks" | "bounce_rate" | "unsubscribe_rate" | "complaint_rate";

/** What the server calls a metric: people first, machines apart where there are any. */
export const keysOf: Record<Exclude<Metric, "sent">, RateKey[]> = {
  reply: ["reply_rate"],
  meeting: ["meeting_rate"],
  open: ["open_rate", "machine_opens"],
  click: ["click_rate", "scanner_clicks"],
  bounce: ["bounce_rate"],
  unsubscribe: ["unsubscribe_rate"],
  complaint: ["complaint_rate"],
};

export const colors: Record<Metric, string> = { sent: "var(--sent)", reply: "var(--good)", meeting: "var(--meeting)", open: "var(--accent)", click: "var(--click)", bounce: "var(--bad)", unsubscribe: "var(--warn)", complaint: "var(--bad)" };

/** Counts of a metric: people, and machines where they are told apart. They are never added. */
export function countsOf(f: Figures, metric: Metric): number[] {
  return metric === "sent" ? [f.emails_sent] : keysOf[metric].map((k) => f[k].count);
}

const dayMs = 86_400_000;

export const addDays = (day: string, n: number) => new Date(Date.parse(day + "T00:00:00Z") + n * dayMs).toISOString().slice(0, 10);

/** The day that it is in a zone: "2026-03-02". */
export function dayIn(at: Date, zone: string): string {
  const p = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
  return p.slice(0, 10);
}

/** First and last day of a period that ends on a day. */
export const span = (period: PeriodName, to: string) => ({ from: addDays(to, 1 - periods[period]), to });

/** Every day of a period, those without a message too. */
export function daysOf(from: string, to: string): string[] {
  const out: string[] = [];
  for (let d = from; d <= to && out.length < 400; d = addDays(d, 1)) out.push(d);
  return out;
}

export type Row = { id: string; name: string; campaign: string; figures: Figures };

/** Rows of the table: the same numbers as the server's, nothing computed. */
export function rowsOf(reports: { report: Report; name: string }[], by: Part, mailbox: (id: string) => string): Row[] {
  const many = reports.length > 1;
  const rows = reports.flatMap(({ report: r, name }): Row[] => {
    const part = (id: string, text: string, figures: Figures) => ({ id: r.campaign_id + id, name: many ? `${name} · ${text}` : text, campaign: r.campaign_id, figures });
    if (by === "step") return r.steps.map((s) => part(s.step_id + s.step, "Step " + s.step, s));
    if (by === "variant") return r.variants.map((v, i) => part(v.variant_id + v.step, `Step ${v.step}, variant ${letter(r.variants.slice(0, i).filter((x) => x.step === v.step).length)}`, v));
    if (by === "mailbox") return (r.mailboxes ?? []).map((m) => part(m.mailbox_id, mailbox(m.mailbox_id), m));
    return [{ id: r.campaign_id, name, campaign: r.campaign_id, figures: r }];
  });
  return by === "mailbox" || by === "campaign" ? rows.sort((a, b) => b.figures.emails_sent - a.figures.emails_sent) : rows;
}

const letter = (i: number) => String.fromCharCode(65 + i);

/** Counts by day over all reports: a message belongs to one campaign only, so counts may be added, which rates may not. */
export function byDay(reports: Report[], metric: Metric): Map<string, number[]> {
  const out = new Map<string, number[]>();
  for (const r of reports)
    for (const d of r.timeline_data) {
      const c = countsOf(d, metric);
      const before = out.get(d.day);
      out.set(d.day, before ? before.map((v, i) => v + (c[i] ?? 0)) : c);
    }
  return out;
}

/** Reports whether what became of a day's mails may still change: 72 hours after its end. */
export const maySettle = (day: string, now: Date) => Date.parse(day + "T00:00:00Z") + 4 * dayMs > now.getTime();
