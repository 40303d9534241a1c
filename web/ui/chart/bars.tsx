import { w } from "@/words";
import { formatCount } from "@/words/format";
import { ChartFrame, type Series } from "./frame";
import { scaleFromZero } from "./scale";

export type BarPoint = { id: string; label: string; long: string; values: number[]; settling?: boolean; today?: boolean; mark?: string };

/** Counts over days, a bar for each series beside the others, never added: people solid, machines hatched. */
export function BarChart({ title, sentence, series, points, onOpen, onSpan, height }: { title: string; sentence: string; series: Series[]; points: BarPoint[]; onOpen?: (i: number) => void; onSpan?: (from: number, to: number) => void; height?: number }) {
  const n = points.length;
  const words = (p: BarPoint) => `${p.long}: ${series.map((s, k) => `${formatCount(p.values[k] ?? 0)} ${s.name.toLowerCase()}`).join(", ")}${p.settling ? ". " + w.charts.settling : ""}`;
  return (
    <ChartFrame
      title={title}
      sentence={sentence}
      series={series}
      height={height}
      points={points.map((p) => ({ id: p.id, label: p.label, text: words(p), mark: p.mark }))}
      scale={(h) => scaleFromZero(Math.max(0, ...points.flatMap((p) => p.values)), h)}
      format={formatCount}
      onOpen={onOpen}
      onSpan={onSpan}
      table={{ columns: [w.charts.day, ...series.map((s) => s.name)], rows: points.map((p) => ({ id: p.id, cells: [p.long, ...p.values.map((v) => formatCount(v))] })) }}
    >
      {({ width, scale, hatch }) => {
        const band = width / n;
        const gap = Math.min(6, band * 0.2);
        const bar = Math.min(36, (band - gap) / series.length);
        return points.map((p, i) => {
          const from = i * band + (band - bar * series.length) / 2;
          return series.map((s, k) => {
            const v = p.values[k] ?? 0;
            return v > 0 ? <rect key={p.id + k} x={from + k * bar} width={Math.max(1, bar - 1)} y={scale.y(v)} height={scale.y(0) - scale.y(v)} rx="1" fill={s.hatched ? hatch(s.color) : s.color} stroke={s.hatched ? s.color : p.today ? s.color : "none"} strokeDasharray={p.today ? "3 3" : undefined} opacity={p.settling || p.today ? 0.6 : 1} /> : null;
          });
        });
      }}
    </ChartFrame>
  );
}
