import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { ScrollRegion } from "../scroll-region";
import { w } from "@/words";
import { cx } from "../cx";
import { loadPart } from "../load-part";
import { useCursor } from "./cursor";
import { labelled, middle, type Scale } from "./scale";

export type Seen = { id: string; label: string; /** All of it in words, for who can't see it and for who points at it. */ text: string; /** What happened then that may explain a change. */ mark?: string };
export type Series = { name: string; color: string; hatched?: boolean };
export type Table = { columns: string[]; rows: { id: string; cells: ReactNode[] }[] };

const left = 44;
const bottom = 22;
const top = 8;

/**
 * What every chart has: a sentence, axes from zero, one tab stop with the arrow keys over its points, Enter to open one, and the same as a table.
 * Where a stretch can be chosen, it is dragged over, or taken with Shift and the arrow keys, then Enter.
 * Labels stand at the series instead of a legend.
 */
export function ChartFrame({ title, sentence, points, series, scale, format, onOpen, onSpan, table, height = 220, ends, children }: { title: string; sentence: string; points: Seen[]; series: Series[]; scale: (height: number) => Scale; format: (v: number) => string; onOpen?: (i: number) => void; onSpan?: (from: number, to: number) => void; table: Table; height?: number; ends?: number; children: (o: { width: number; scale: Scale; at: number; hatch: (color: string) => string }) => ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const id = useId().replace(/[^a-z0-9]/gi, "");
  const [full, setFull] = useState(640);
  const n = points.length;
  const [at, setAt] = useCursor(points.map((p) => p.id));
  const [anchor, setAnchor] = useState<number>(); // where a stretch begins that ends at the point
  const drag = useRef<{ from: number; took?: boolean }>(undefined);
  const [asTable, setAsTable] = useState(false);
  useEffect(() => {
    const o = new ResizeObserver(([e]) => e && setFull(Math.max(240, e.contentRect.width)));
    if (box.current) o.observe(box.current);
    return () => o.disconnect();
  }, [asTable]);
  const right = ends ?? 12;
  const width = full - left - right;
  const inner = height - top - bottom;
  const sc = scale(inner);
  const clamp = (i: number) => Math.max(0, Math.min(n - 1, i));
  const to = (i: number) => setAt(clamp(i));
  const stretch = anchor !== undefined && at >= 0 && anchor !== at ? ([Math.min(anchor, at), Math.max(anchor, at)] as const) : undefined;
  const take = (a: number, b: number) => {
    setAnchor(undefined);
    setAt(-1);
    onSpan?.(Math.min(a, b), Math.max(a, b));
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowUp: at + 1, ArrowDown: at - 1, Home: 0, End: n - 1, PageUp: at + 7, PageDown: at - 7 };
    if (e.key in steps) {
      setAnchor(e.shiftKey && onSpan && at >= 0 ? (anchor ?? at) : undefined);
      to(steps[e.key]!);
    } else if (e.key === "Enter" && stretch) take(...stretch);
    else if (e.key === "Enter" && onOpen && at >= 0) onOpen(at);
    else if (e.key === "Escape" && stretch) setAnchor(undefined);
    else if (e.key === "Escape") setAt(-1);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const save = async () => {
    const drawn = box.current?.querySelector("svg");
    if (drawn) (await loadPart(() => import("./picture"))).savePicture(drawn, title);
  };
  const pointAt = (x: number) => {
    const r = box.current?.getBoundingClientRect();
    return r && n ? clamp(Math.floor(((x - r.left - left) / width) * n)) : -1;
  };
  const said = stretch ? w.charts.stretch(points[stretch[0]]!.label, points[stretch[1]]!.label, stretch[1] - stretch[0] + 1) : points[at]?.text;
  return (
    <figure aria-label={title} className="min-w-0">
      <figcaption className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span className="min-w-0 flex-1 basis-64 text-text-2">{sentence}</span>
        <span className="flex flex-wrap items-center gap-3 text-table">
          {series.map((s) => (
            <span key={s.name} className="inline-flex items-center gap-1.5">
              <svg width="12" height="12" aria-hidden>
                {s.hatched && <Hatch id={`${id}k`} color={s.color} />}
                <rect width="12" height="12" rx="2" fill={s.hatched ? `url(#${id}k)` : s.color} stroke={s.hatched ? s.color : "none"} />
              </svg>
              {s.name}
            </span>
          ))}
          <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)} className="min-h-6 text-text-2 underline decoration-dotted underline-offset-2 hover:text-text-1">
            {asTable ? w.charts.asChart : w.charts.asTable}
          </button>
          {!asTable && (
            <button type="button" onClick={() => void save()} className="min-h-6 text-text-2 underline decoration-dotted underline-offset-2 hover:text-text-1">
              {w.charts.asPicture}
            </button>
          )}
        </span>
      </figcaption>
      {asTable ? (
        <ChartTable table={table} title={title} />
      ) : (
        <div
          ref={box}
          role="slider"
          tabIndex={0}
          aria-label={`${title}. ${onSpan ? w.charts.keysStretch : w.charts.keys}`}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, n - 1)}
          aria-valuenow={Math.max(0, at)}
          aria-valuetext={said !== undefined ? said + (!stretch && points[at]?.mark ? ". " + points[at].mark : "") : sentence}
          onKeyDown={onKeyDown}
          onFocus={(e) => at < 0 && e.target.matches(":focus-visible") && to(n - 1)}
          onPointerDown={(e) => {
            if (!onSpan || e.button !== 0 || n === 0) return;
            drag.current = { from: pointAt(e.clientX) };
            e.currentTarget.setPointerCapture(e.pointerId);
          }}
          onPointerMove={(e) => {
            const i = pointAt(e.clientX);
            setAt(i);
            if (drag.current && !drag.current.took) setAnchor(i === drag.current.from ? undefined : drag.current.from);
          }}
          onPointerUp={(e) => {
            if (!drag.current) return;
            const [a, b] = [drag.current.from, pointAt(e.clientX)];
            drag.current = a === b ? undefined : { from: a, took: true }; // the click that follows opens nothing
            if (a !== b) take(a, b);
          }}
          onPointerCancel={() => {
            drag.current = undefined;
            setAnchor(undefined);
          }}
          onPointerLeave={() => {
            if (drag.current && !drag.current.took) return;
            setAt(-1);
            setAnchor(undefined);
          }}
          onClick={() => {
            const dragged = drag.current?.took;
            drag.current = undefined;
            if (!dragged && onOpen && at >= 0) onOpen(at);
          }}
          className={cx("relative mt-2 rounded-control select-none", onSpan && "touch-pan-y", onOpen && "cursor-pointer")}
        >
          <svg width={full} height={height} aria-hidden className="block max-w-full overflow-visible">
            <defs>
              {[...new Set(series.filter((s) => s.hatched).map((s) => s.color))].map((c, i) => (
                <Hatch key={c} id={`${id}h${i}`} color={c} />
              ))}
            </defs>
            <g transform={`translate(${left},${top})`}>
              {sc.ticks.map((t) => (
                <g key={t}>
                  <line x2={width} y1={sc.y(t)} y2={sc.y(t)} stroke={t === 0 ? "var(--control)" : "var(--line)"} />
                  <text x={-8} y={sc.y(t)} dy="0.32em" textAnchor="end" fill="var(--text-3)" fontSize="12">
                    {format(t)}
                  </text>
                </g>
              ))}
              {at >= 0 && <rect x={((stretch?.[0] ?? at) * width) / n} width={((stretch ? stretch[1] - stretch[0] + 1 : 1) * width) / n} height={inner} fill={stretch ? "var(--accent-soft)" : "var(--surface-2)"} />}
              {points.map(
                (p, i) =>
                  p.mark && (
                    <g key={p.id} className="text-text-2" stroke="currentColor">
                      <line x1={middle(i, n, width)} x2={middle(i, n, width)} y1={4} y2={inner} strokeDasharray="2 3" />
                      <path d={`M${middle(i, n, width)} -6l4 5l-4 5l-4 -5z`} fill="currentColor" />
                    </g>
                  ),
              )}
              {children({ width, scale: sc, at, hatch: (c) => `url(#${id}h${[...new Set(series.filter((s) => s.hatched).map((s) => s.color))].indexOf(c)})` })}
              {labelled(n, width).map((i) => (
                <text key={i} x={middle(i, n, width)} y={inner + 16} textAnchor="middle" fill="var(--text-3)" fontSize="12">
                  {points[i]!.label}
                </text>
              ))}
            </g>
          </svg>
          {at >= 0 && points[at] && (
            <div className="pointer-events-none absolute top-0 z-10 max-w-64 rounded-control bg-text-1 px-2.5 py-1.5 text-meta text-surface-0 shadow-float" style={middle(at, n, width) > width / 2 ? { right: full - left - (at * width) / n + 4 } : { left: left + ((at + 1) * width) / n + 4 }}>
              {said}
              {!stretch && points[at].mark && <span className="block">◆ {points[at].mark}</span>}
            </div>
          )}
        </div>
      )}
    </figure>
  );
}

function Hatch({ id, color }: { id: string; color: string }) {
  return (
    <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="5" height="5" fill="var(--surface-0)" />
      <rect width="2.2" height="5" fill={color} />
    </pattern>
  );
}

function ChartTable({ table, title }: { table: Table; title: string }) {
  return (
    <ScrollRegion label={title} className="mt-2 max-h-80 overflow-auto">
      <table className="w-full text-left text-table">
        <thead className="sticky top-0 bg-surface-0 text-text-3">
          <tr className="border-b">
            {table.columns.map((c, i) => (
              <th key={c} scope="col" className={cx("py-1.5 pr-4 font-medium", i > 0 && "text-right")}>
                {c}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((r) => (
            <tr key={r.id} className="border-b">
              {r.cells.map((c, i) =>
                i === 0 ? (
                  <th key={i} scope="row" className="py-1.5 pr-4 font-normal whitespace-nowrap">
                    {c}
                  </th>
                ) : (
                  <td key={i} className="py-1.5 pr-4 text-right">
                    {c}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
