import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type KeyboardEvent } from "react";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { histogramOptions } from "./queries";
import type { HistorySearch } from "./routes";

const s = w.history;
const height = 44;

/** Events over time above the list: drag, or arrows with Shift and Enter, choose a stretch; it becomes the list's filter. */
export function OverTime({ search, set }: { search: HistorySearch; set: (s: Partial<HistorySearch>) => void }) {
  const { org } = useSession();
  const asked = useQuery(histogramOptions(org, search));
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<[from: number, to: number]>();
  const dragging = useRef(false);
  const h = asked.data;
  if (!h || h.buckets.length === 0) return null;
  const first = Date.parse(h.buckets[0]!.from);
  const step = h.bucket_seconds * 1000;
  const n = Math.max(1, Math.round((Date.parse(h.buckets.at(-1)!.to) - first) / step));
  const counts = new Array<number>(n).fill(0);
  for (const b of h.buckets) counts[Math.min(n - 1, Math.round((Date.parse(b.from) - first) / step))]! += b.count;
  const greatest = Math.max(...counts);
  const [a, b] = range ? [Math.min(...range), Math.max(...range)] : [-1, -1];
  const time = (i: number) => new Date(first + i * step);
  const words = (from: number, to: number) =>
    s.bucket(
      counts.slice(from, to + 1).reduce((x, y) => x + y, 0),
      formatAbsolute(time(from), zone()),
      formatAbsolute(time(to + 1), zone()),
    );
  const take = () => {
    if (a >= 0) set({ from: time(a).toISOString(), to: time(b + 1).toISOString() });
    setRange(undefined);
  };
  const index = (x: number) => {
    const r = box.current!.getBoundingClientRect();
    return Math.max(0, Math.min(n - 1, Math.floor(((x - r.left) / r.width) * n)));
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const d = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (d) {
      const to = Math.max(0, Math.min(n - 1, (range?.[1] ?? n) + d));
      setRange(e.shiftKey && range ? [range[0], to] : [to, to]);
    } else if (e.key === "Enter") take();
    else if (e.key === "Escape") setRange(undefined);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div className="relative px-4 pb-2 sm:px-6">
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={s.histogram(h.total)}
        aria-valuemin={0}
        aria-valuemax={n - 1}
        aria-valuenow={Math.max(0, range?.[1] ?? n - 1)}
        aria-valuetext={a >= 0 ? words(a, b) : s.histogram(h.total)}
        onKeyDown={onKeyDown}
        onBlur={() => setRange(undefined)}
        onPointerDown={(e) => {
          dragging.current = true;
          e.currentTarget.setPointerCapture(e.pointerId);
          setRange([index(e.clientX), index(e.clientX)]);
        }}
        onPointerMove={(e) => setRange((r) => (dragging.current && r ? [r[0], index(e.clientX)] : [index(e.clientX), index(e.clientX)]))}
        onPointerUp={() => {
          dragging.current = false;
          take();
        }}
        onPointerLeave={() => !dragging.current && setRange(undefined)}
        className="cursor-crosshair touch-none rounded-control"
      >
        <svg aria-hidden width="100%" height={height} viewBox={`0 0 ${n} ${height}`} preserveAspectRatio="none" className="block border-b">
          {counts.map((c, i) => (
            <rect key={i} x={i + 0.1} width={0.8} y={height - (c / greatest) * (height - 2)} height={(c / greatest) * (height - 2)} fill={i >= a && i <= b ? "var(--accent)" : "var(--sent)"} opacity={i >= a && i <= b ? 1 : 0.55} />
          ))}
        </svg>
      </div>
      {a >= 0 && <div className="pointer-events-none absolute top-full left-4 z-20 rounded-control bg-text-1 px-2.5 py-1.5 text-meta text-surface-0 shadow-float sm:left-6">{words(a, b)}</div>}
    </div>
  );
}
