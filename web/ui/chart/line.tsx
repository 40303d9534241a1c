import type { RateValue } from "../rate";
import { Rate } from "../rate";
import { w } from "@/words";
import { formatCount, formatRate } from "@/words/format";
import { ChartFrame } from "./frame";
import { middle, runs, scaleFromZero } from "./scale";

export type RatePoint = { id: string; label: string; long: string; value: RateValue; settling?: boolean; today?: boolean; mark?: string };

const minimum = 30; // below it there is no rate, only counts

export function rateInWords(p: RatePoint, denominator: string) {
  const v = p.value;
  const counts = `${formatCount(v.count)} ${w.rates.of} ${formatCount(v.of)} ${denominator}`;
  const said = v.of < minimum || v.rate == null ? counts : `${formatRate(v.rate)} (${counts})${v.low != null && v.high != null ? ", " + w.rates.between(formatRate(v.low).replace(" %", ""), formatRate(v.high)) : ""}`;
  return `${p.long}: ${said}${p.settling ? ". " + w.charts.settling : ""}`;
}

/** A rate over days, with the interval in which the true one lies as a band. Days with too few are points without a rate, and break the line. */
export function RateChart({ title, sentence, name, color, denominator, points, onOpen, onSpan }: { title: string; sentence: string; name: string; color: string; denominator: string; points: RatePoint[]; onOpen?: (i: number) => void; onSpan?: (from: number, to: number) => void }) {
  const shown = points.map((p) => (p.value.of >= minimum ? p.value : undefined));
  const n = points.length;
  const greatest = Math.max(0, ...shown.map((v) => v?.high ?? v?.rate ?? 0));
  return (
    <ChartFrame
      title={title}
      sentence={sentence}
      series={[{ name, color }]}
      points={points.map((p) => ({ id: p.id, label: p.label, text: rateInWords(p, denominator), mark: p.mark }))}
      scale={(h) => scaleFromZero(greatest, h)}
      format={(v) => formatRate(v)}
      onOpen={onOpen}
      onSpan={onSpan}
      table={{ columns: [w.charts.day, name], rows: points.map((p) => ({ id: p.id, cells: [p.long, <Rate value={p.value} denominator={denominator} />] })) }}
    >
      {({ width, scale, at }) =>
        runs(shown.map((v) => v?.rate)).map((run) => {
          const x = (i: number) => middle(i, n, width);
          const high = run.map((i) => `${x(i)},${scale.y(shown[i]!.high ?? shown[i]!.rate!)}`);
          const low = run.map((i) => `${x(i)},${scale.y(shown[i]!.low ?? shown[i]!.rate!)}`).reverse();
          return (
            <g key={run[0]}>
              {run.length > 1 ? <polygon points={[...high, ...low].join(" ")} fill={color} opacity="0.16" /> : <line x1={x(run[0]!)} x2={x(run[0]!)} y1={scale.y(shown[run[0]!]!.low ?? 0)} y2={scale.y(shown[run[0]!]!.high ?? 0)} stroke={color} opacity="0.4" />}
              {run.slice(1).map((i) => (
                <line key={i} x1={x(i - 1)} y1={scale.y(shown[i - 1]!.rate!)} x2={x(i)} y2={scale.y(shown[i]!.rate!)} stroke={color} strokeWidth="2" strokeLinecap="round" strokeDasharray={points[i]!.today ? "4 4" : undefined} opacity={points[i]!.settling ? 0.6 : 1} />
              ))}
              {run.map((i) => (
                <circle key={i} cx={x(i)} cy={scale.y(shown[i]!.rate!)} r={i === at ? 4.5 : 2.5} fill={points[i]!.settling ? "var(--surface-0)" : color} stroke={color} strokeWidth="1.5" />
              ))}
            </g>
          );
        })
      }
    </ChartFrame>
  );
}
