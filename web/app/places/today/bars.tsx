import { w } from "@/words";
import { formatDay } from "@/words/format";

export type Day = { day: string; n: number; beside?: number };

const height = 44;

/** Days as bars from zero; today's are dashed. What machines did stands hatched beside, never on top. */
export function Bars({ label, days, color, besideLabel }: { label: string; days: Day[]; color: string; besideLabel?: string }) {
  const most = Math.max(1, ...days.map((d) => Math.max(d.n, d.beside ?? 0)));
  const total = days.reduce((s, d) => s + d.n, 0);
  const top = days.reduce((a, b) => (b.n > a.n ? b : a), days[0]!);
  const name = (d: string) => formatDay(d + "T12:00:00Z", "UTC");
  const two = !!besideLabel;
  const step = 100 / days.length;
  const id = "hatch-" + label.replace(/\W/g, "");
  return (
    <svg role="img" aria-label={w.today.chartSays(label, name(days[0]!.day), name(days.at(-1)!.day), total, top.n, name(top.day))} viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" className="block h-11 w-full overflow-visible">
      <defs>
        <pattern id={id} width="1.6" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(30)">
          <rect width="0.8" height="4" fill="var(--machines)" />
        </pattern>
      </defs>
      {days.map((d, i) => {
        const last = i === days.length - 1;
        const x = i * step + step * 0.12;
        const width = step * (two ? 0.36 : 0.76);
        const h = (height * d.n) / most;
        const hb = (height * (d.beside ?? 0)) / most;
        return (
          <g key={d.day}>
            <title>{`${name(d.day)}: ${d.n}${two ? ` (${besideLabel}: ${d.beside ?? 0})` : ""}`}</title>
            <rect x={x} y={height - h} width={width} height={h} fill={last ? "transparent" : color} stroke={last ? color : undefined} strokeDasharray={last ? "2 1.5" : undefined} vectorEffect="non-scaling-stroke" />
            {two && <rect x={x + width + step * 0.04} y={height - hb} width={width} height={hb} fill={`url(#${id})`} stroke="var(--machines)" strokeWidth="0.5" vectorEffect="non-scaling-stroke" />}
          </g>
        );
      })}
      <line x1="0" x2="100" y1={height} y2={height} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
