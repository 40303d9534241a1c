import { BarChart } from "@/ui/chart/bars";
import { RateChart } from "@/ui/chart/line";
import { w } from "@/words";
import { formatCount, formatDay, formatRate } from "@/words/format";
import { byDay, colors, daysOf, keysOf, maySettle, type Metric, type Report } from "./model";

const s = w.analytics;

/** One metric over the days of sending: a rate with its band where one campaign is looked at, counts where there are several. */
export function FiguresChart({ reports, metric, from, to, today, now, onDay }: { reports: Report[]; metric: Metric; from: string; to: string; today: string; now: Date; onDay: (day: string) => void }) {
  const days = daysOf(from, to);
  const long = (d: string) => formatDay(d + "T12:00:00Z", "UTC");
  const label = (d: string) => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", day: "numeric", month: "short" }).format(new Date(d + "T12:00:00Z"));
  const common = (d: string) => ({ id: d, label: label(d), long: long(d), settling: maySettle(d, now) && d <= today, today: d === today });
  const open = (i: number) => onDay(days[i]!);
  const only = reports.length === 1 ? reports[0] : undefined;
  if (only && metric !== "sent" && keysOf[metric].length === 1) {
    const key = keysOf[metric][0]!;
    const at = new Map(only.timeline_data.map((d) => [d.day, d[key]]));
    const all = only[key];
    const denominator = s.denominators[all.denominator] ?? all.denominator;
    return (
      <RateChart
        title={s.over(s.metrics[metric])}
        sentence={all.of === 0 ? s.nothing(long(from), long(to)) : s.rateSentence(s.metrics[metric], all.of < 30 ? "" : formatRate(all.rate), `${formatCount(all.count)} ${w.rates.of} ${formatCount(all.of)} ${denominator}`, long(from), long(to))}
        name={s.metrics[metric]}
        color={colors[metric]}
        denominator={denominator}
        points={days.map((d) => ({ ...common(d), value: at.get(d) ?? { count: 0, of: 0 } }))}
        onOpen={open}
      />
    );
  }
  const at = byDay(reports, metric);
  const series = metric === "open" ? [s.people, s.machines] : metric === "click" ? [s.people, s.scanners] : [s.metrics[metric]];
  const totals = series.map((_, k) => [...at.values()].reduce((sum, v) => sum + (v[k] ?? 0), 0));
  return (
    <BarChart
      title={s.over(s.metrics[metric])}
      sentence={at.size === 0 ? s.nothing(long(from), long(to)) : s.countSentence(series.map((name, k) => `${formatCount(totals[k]!)} ${name.toLowerCase()}`).join(", "), s.metrics[metric], long(from), long(to), !only)}
      series={series.map((name, k) => ({ name, color: k === 1 ? "var(--machines)" : colors[metric], hatched: k === 1 }))}
      points={days.map((d) => ({ ...common(d), values: at.get(d) ?? series.map(() => 0) }))}
      onOpen={open}
    />
  );
}

