import type { Schemas } from "@/api/client";

export type Metric = Schemas["AnalyticsMetric"];
export type Dimension = Schemas["AnalyticsDimension"];
export type Filter = Schemas["AnalyticsFilter"];
export type FilterName = keyof Filter;
export type Row = Schemas["AnalyticsRow"];
export type Figure = Schemas["AnalyticsFigure"];
export type Result = Schemas["AnalyticsResult"];
export type Unit = Schemas["AnalyticsUnit"];

/** What can be looked at; people first, machines beside them where there are any. */
export const metrics = ["sent", "delivered", "replied", "interested", "meeting", "opened", "clicked", "auto_replied", "out_of_office", "bounced", "dropped", "delayed", "unsubscribed", "complained"] as const satisfies readonly Metric[];
export type Shown = (typeof metrics)[number];

const beside: Partial<Record<Shown, Metric[]>> = { opened: ["machine_opened"], clicked: ["scanner_clicked"], bounced: ["bounced_hard", "bounced_soft", "bounced_block", "bounced_other"],
  dropped: ["dropped_bounced", "dropped_invalid", "dropped_unsubscribed", "dropped_complained", "dropped_content", "dropped_quota", "dropped_other"] };

/** The metrics that a chart of one shows: never added, one beside the other. */
export const together = (m: Shown): Metric[] => (m === "bounced" || m === "dropped" ? [m] : [m, ...(beside[m] ?? [])]);

/** The columns of the table: what is looked at comes first, with its interval. */
export function columnsOf(metric: Shown, unit: Unit): Metric[] {
  const first = [metric, ...(beside[metric] ?? [])];
  const others = (["sent", "replied", "meeting", "opened", "machine_opened", "bounced", "unsubscribed"] as Metric[]).filter((m) => !first.includes(m));
  return [...first, ...others].filter((m) => unit === "message" || m !== "delivered").slice(0, 8);
}

/** What costs can be told apart by. */
const costDimensions = ["campaign", "step", "variant", "mailbox", "country", "tag", "recipient_provider", "day", "week", "experiment", "experiment_arm"];
export const tellsCost = (by: string[], where?: Filter) => [...by, ...Object.keys(where ?? {})].every((d) => costDimensions.includes(d));

export const dimensions = ["campaign", "step", "variant", "mailbox", "sending_domain", "recipient_provider", "country", "tag", "day", "week", "cohort_week", "weekday", "hour_of_day", "experiment_arm"] as const satisfies readonly Dimension[];

/** Dimensions that tell something of people: only for who may see them. */
export const ofPeople = (d: Dimension) => d === "country" || d === "tag" || d === "recipient_provider";

/** How many days each period has, by the key that chooses it. */
export const periods = { d: 1, w: 7, m: 28, q: 91, y: 365 } as const;
export type PeriodName = keyof typeof periods;

export const colors: Record<Shown, string> = {
  sent: "var(--sent)",
  delivered: "var(--sent)",
  replied: "var(--good)",
  interested: "var(--good)",
  auto_replied: "var(--machines)",
  out_of_office: "var(--machines)",
  meeting: "var(--meeting)",
  opened: "var(--accent)",
  clicked: "var(--click)",
  bounced: "var(--bad)",
  dropped: "var(--bad)",
  delayed: "var(--warn)",
  unsubscribed: "var(--warn)",
  complained: "var(--bad)",
};

const dayMs = 86_400_000;

export const addDays = (day: string, n: number) => new Date(Date.parse(day + "T00:00:00Z") + n * dayMs).toISOString().slice(0, 10);

/** The day that it is in a zone: "2026-03-02". */
export function dayIn(at: Date, zone: string): string {
  const p = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
  return p.slice(0, 10);
}

/** First and last day of a period that ends on a day. */
export const span = (period: PeriodName, to: string) => ({ from: addDays(to, 1 - periods[period]), to });

/** The days that the URL names: from one to another, or a period that ends on a day, today unless it says otherwise. */
export function daysShown(search: { from?: string; to?: string; period?: PeriodName }, today: string) {
  const to = search.to ?? today;
  return search.from && search.from <= to ? { from: search.from, to } : span(search.period ?? "m", to);
}

/** Every day of a period, those without a message too; every Monday of a long one. */
export function daysOf(from: string, to: string, step = 1): string[] {
  const out: string[] = [];
  for (let d = from; d <= to && out.length < 400; d = addDays(d, step)) out.push(d);
  return out;
}

export const mondayOf = (day: string) => addDays(day, -((new Date(day + "T00:00:00Z").getUTCDay() + 6) % 7));

/** A long period is shown by weeks. */
export const axisOf = (from: string, to: string): "day" | "week" => (daysOf(from, to).length > 100 ? "week" : "day");

/** Reports whether what became of a day's mails may still change: 72 hours after its end, in any zone. */
export const maySettle = (day: string, now: Date) => Date.parse(day + "T00:00:00Z") + 4.5 * dayMs > now.getTime();

/** The search of the page that lists what a figure counts, from the path that the server gives. */
export function listOf(drill: string): Record<string, unknown> {
  const q = new URL(drill, "http://list.test").searchParams;
  const where = q.get("where");
  return { metric: q.get("metric") ?? undefined, stage: q.get("stage") ?? undefined, unit: q.get("unit") ?? undefined, from: q.get("from") ?? undefined, to: q.get("to") ?? undefined, zone: q.get("zone") ?? undefined, campaign: q.get("campaign_id") ?? undefined, where: where ? (JSON.parse(where) as Filter) : undefined };
}

/** A filter with one dimension narrowed to a key, or without it. */
export function narrowed(where: Filter | undefined, name: FilterName, key: string | undefined): Filter | undefined {
  const rest: Record<string, string[]> = { ...(where as Record<string, string[]>) };
  if (key === undefined) delete rest[name];
  else rest[name] = [key];
  return Object.keys(rest).length ? (rest as Filter) : undefined;
}

/** A line of a CSV file: cells that a spreadsheet would take for a formula begin with an apostrophe. */
export const csvLine = (cells: (string | number)[]) => cells.map((c) => (typeof c === "number" ? String(c) : `"${(/^[=+\-@\t\r]/.test(c) ? "'" + c : c).replaceAll('"', '""')}"`)).join(",");

/** The rows as a file: every number with what it is of and its interval. */
export function csvOf(result: Result, by: string[], columns: Metric[]): string {
  const head = [...by, ...columns.flatMap((m) => [m, m + "_of", m + "_denominator", m + "_rate", m + "_low", m + "_high"]), "settling"];
  const lines = result.rows.map((r) => csvLine([...r.keys.map((k) => k.label), ...r.figures.flatMap((f) => [f.count, f.of, f.denominator, f.rate, f.low, f.high]), r.figures[0]?.settling ?? 0]));
  return [csvLine(head), ...lines].join("\r\n") + "\r\n";
}

/** A schedule says only what its kind needs. */
export const scheduleOf = (every: "daily" | "weekly" | "monthly", weekday: number, day: number, hour: number) => ({ every, hour, ...(every === "weekly" ? { weekday } : every === "monthly" ? { day } : {}) });

const dollars = (digits: number) => new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Millionths of a dollar as dollars; small amounts keep four digits, so that they aren't nothing. */
export const formatMoney = (micros: number) => dollars(micros !== 0 && Math.abs(micros) < 100_000 ? 4 : 2).format(micros / 1_000_000);
