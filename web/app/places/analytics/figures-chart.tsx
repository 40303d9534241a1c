import type { Schemas } from "@/api/client";
import { zone } from "@/app/zone";
import { BarChart } from "@/ui/chart/bars";
import { RateChart } from "@/ui/chart/line";
import { w } from "@/words";
import { formatCount, formatDay, formatRate } from "@/words/format";
import { addDays, axisOf, colors, dayIn, daysOf, maySettle, mondayOf, together, type Result, type Shown, type Unit } from "./model";

type Mark = Schemas["Mark"];

const s = w.analytics;

/** One metric over the days of sending: a rate with its band, or counts of people and machines side by side. */
export function FiguresChart({ result, metric, unit, from, to, today, now, marks, onDay, onSpan }: { result: Result; metric: Shown; unit: Unit; from: string; to: string; today: string; now: Date; marks?: Mark[]; onDay: (day: string, axis: "day" | "week") => void; onSpan: (from: string, to: string) => void }) {
  const axis = axisOf(from, to);
  const points = axis === "day" ? daysOf(from, to) : daysOf(mondayOf(from), to, 7);
  const long = (d: string) => formatDay(d + "T12:00:00Z", "UTC");
  const label = (d: string) => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", day: "numeric", month: "short" }).format(new Date(d + "T12:00:00Z"));
  const marked = new Map<string, string>();
  for (const m of marks ?? []) {
    const d = dayIn(new Date(m.at), zone());
    const k = axis === "day" ? d : mondayOf(d);
    marked.set(k, [marked.get(k), m.text].filter(Boolean).join("; "));
  }
  const common = (d: string) => ({ id: d, mark: marked.get(d), label: label(d), long: axis === "day" ? long(d) : s.weekOf(long(d)), settling: maySettle(d, now) && d <= today, today: axis === "day" && d === today });
  const open = (i: number) => onDay(points[i]!, axis);
  const span = (a: number, b: number) => {
    const end = axis === "day" ? points[b]! : addDays(points[b]!, 6);
    onSpan(points[a]! < from ? from : points[a]!, end > to ? to : end);
  };
  const at = new Map(result.rows.map((r) => [r.keys[0]!.value, r.figures]));
  const total = result.total.figures[0]!;
  const name = metric === "sent" && unit === "person" ? s.written : s.metrics[metric]!;
  if (together(metric).length === 1 && metric !== "sent") {
    const denominator = s.denominators[total.denominator] ?? total.denominator;
    const counts = `${formatCount(total.count)} ${w.rates.of} ${formatCount(total.of)} ${denominator}`;
    return (
      <RateChart
        title={s.over(name)}
        sentence={total.of === 0 ? s.nothing(long(from), long(to)) : s.rateSentence(name, total.of < 30 ? "" : formatRate(total.rate), counts, long(from), long(to))}
        name={name}
        color={colors[metric]}
        denominator={denominator}
        points={points.map((d) => ({ ...common(d), value: at.get(d)?.[0] ?? { count: 0, of: 0 } }))}
        onOpen={open}
        onSpan={span}
      />
    );
  }
  const series = together(metric).map((m, k) => ({ name: m === metric ? name : s.metrics[m]!, color: k === 0 ? colors[metric] : "var(--machines)", hatched: k > 0 }));
  return (
    <BarChart
      title={s.over(name)}
      sentence={total.count === 0 && at.size === 0 ? s.nothing(long(from), long(to)) : s.countSentence(series.map((x, k) => `${formatCount(result.total.figures[k]!.count)} ${x.name.toLowerCase()}`).join(", "), name, long(from), long(to))}
      series={series}
      points={points.map((d) => ({ ...common(d), values: series.map((_, k) => at.get(d)?.[k]?.count ?? 0) }))}
      onOpen={open}
      onSpan={span}
    />
  );
}
