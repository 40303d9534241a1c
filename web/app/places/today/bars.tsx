import type { KeyboardEvent } from "react";
import { useCursor } from "@/ui/chart/cursor";
import { w } from "@/words";
import { formatCount, formatDay } from "@/words/format";

export type Day = { day: string; n: number; beside?: number };

const height = 44;
const name = (d: string) => formatDay(d + "T12:00:00Z", "UTC");

/**
 * Days as bars from zero; today's are dashed. What machines did stands hatched beside, never on top. The day that the cursor is at is said below, in
 * all charts that share it.
 */
export function Bars({ label, days, color, besideLabel }: { label: string; days: Day[]; color: string; besideLabel?: string }) {
  const [at, move] = useCursor(days.map((d) => d.day));
  const n = days.length;
  const most = Math.max(1, ...days.map((d) => Math.max(d.n, d.beside ?? 0)));
  const total = days.reduce((s, d) => s + d.n, 0);
  const top = days.reduce((a, b) => (b.n > a.n ? b : a), days[0]!);
  const two = !!besideLabel;
  const step = 100 / n;
  const id = "hatch-" + label.replace(/\W/g, "");
  const sentence = w.today.chartSays(label, name(days[0]!.day), name(days.at(-1)!.day), total, top.n, name(top.day));
  const words = (d: Day) => `${name(d.day)}: ${formatCount(d.n)}${two ? ` (${besideLabel}: ${formatCount(d.beside ?? 0)})` : ""}`;
  const here = days[at];
  const clamp = (i: number) => Math.max(0, Math.min(n - 1, i));
  const onKeyDown = (e: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowUp: at + 1, ArrowDown: at - 1, Home: 0, End: n - 1, PageUp: at + 7, PageDown: at - 7 };
    if (e.key in steps) move(clamp(steps[e.key]!));
    else if (e.key === "Escape" && at >= 0) move(-1);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${label}. ${w.charts.keys}`}
      aria-valuemin={0}
      aria-valuemax={n - 1}
      aria-valuenow={Math.max(0, at)}
      aria-valuetext={here ? words(here) : sentence}
      onKeyDown={onKeyDown}
      onFocus={(e) => at < 0 && e.target.matches(":focus-visible") && move(n - 1)}
      onBlur={() => move(-1)}
      onPointerMove={(e) => {
        const r = e.currentTarget.getBoundingClientRect();
        move(clamp(Math.floor(((e.clientX - r.left) / r.width) * n)));
      }}
      onPointerLeave={() => move(-1)}
      className="rounded-control"
    >
      <svg aria-hidden viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" className="block h-11 w-full overflow-visible">
        <defs>
          <pattern id={id} width="1.6" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(30)">
            <rect width="0.8" height="4" fill="var(--machines)" />
          </pattern>
        </defs>
        {here && <rect x={at * step} width={step} height={height} fill="var(--surface-2)" />}
        {days.map((d, i) => {
          const last = i === n - 1;
          const x = i * step + step * 0.12;
          const width = step * (two ? 0.36 : 0.76);
          const h = (height * d.n) / most;
          const hb = (height * (d.beside ?? 0)) / most;
          return (
            <g key={d.day}>
              <rect x={x} y={height - h} width={width} height={h} fill={last ? "transparent" : color} stroke={last ? color : undefined} strokeDasharray={last ? "2 1.5" : undefined} vectorEffect="non-scaling-stroke" />
              {two && <rect x={x + width + step * 0.04} y={height - hb} width={width} height={hb} fill={`url(#${id})`} stroke="var(--machines)" strokeWidth="0.5" vectorEffect="non-scaling-stroke" />}
            </g>
          );
        })}
        <line x1="0" x2="100" y1={height} y2={height} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
        {here && <line x1={at * step} x2={(at + 1) * step} y1={height} y2={height} stroke="var(--accent)" strokeWidth="2" vectorEffect="non-scaling-stroke" />}
      </svg>
      <p aria-hidden className="flex justify-between pt-1 text-meta whitespace-nowrap text-text-3">
        {here ? (
          <span className="font-medium text-text-1">{words(here)}</span>
        ) : (
          <>
            <span>{name(days[0]!.day)}</span>
            <span>{name(days.at(-1)!.day)}</span>
          </>
        )}
      </p>
    </div>
  );
}
