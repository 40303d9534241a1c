import { ArrowDown, ArrowUp } from "lucide-react";
import { useRef, type PointerEvent } from "react";
import { cx } from "./cx";
import type { Column } from "./table";

export const narrowest = 56; // px; what is left of a column
export const widest = 900;

/** What a column is wide at least, as CSS. */
export const leastOf = (width: string) => /^minmax\(([^,]+),/.exec(width)?.[1] ?? width;

/** The tracks of the grid, and what they need at least: a width that somebody has drawn stands for that of the column. */
export function tracks(columns: { id: string; width: string }[], widths: Record<string, number>, selectable: boolean): { template: string; least: string } {
  const its = columns.map((c) => (widths[c.id] ? `${widths[c.id]}px` : c.width));
  const every = selectable ? ["2.25rem", ...its] : its;
  return { template: every.join(" "), least: `max(100%, calc(${every.map(leastOf).join(" + ")} + 3rem))` };
}

type Props<Row> = {
  columns: Column<Row>[];
  sort?: { by: string; descending: boolean };
  onSort?: (by: string, descending: boolean) => void;
  widths: Record<string, number>;
  onDraw?: (widths: Record<string, number>, done: boolean) => void;
};

/** The heads of columns: a button where the server can sort by it, and an edge that can be drawn. By keyboard widths are set where columns are chosen. */
export function Heads<Row>({ columns, sort, onSort, widths, onDraw }: Props<Row>) {
  return columns.map((c, i) => {
    const on = sort && c.sort === sort.by;
    return (
      <span key={c.id} role="columnheader" data-column={c.id} aria-sort={on ? (sort.descending ? "descending" : "ascending") : undefined} className={cx("relative h-full min-w-0 pr-3 font-medium", c.align === "right" && "text-right")}>
        <span className="flex h-full min-w-0 items-center" style={c.align === "right" ? { justifyContent: "flex-end" } : undefined}>
          {c.sort && onSort ? (
            <button type="button" className="inline-flex min-h-6 min-w-0 items-center gap-1 hover:text-text-1" onClick={() => onSort(c.sort!, on ? !sort.descending : false)}>
              <span className="truncate">{c.label}</span> {on && (sort.descending ? <ArrowDown size={12} aria-hidden className="shrink-0" /> : <ArrowUp size={12} aria-hidden className="shrink-0" />)}
            </button>
          ) : (
            <span className="truncate">{c.label}</span>
          )}
        </span>
        {onDraw && <Edge before={columns.slice(0, i + 1)} widths={widths} onDraw={onDraw} />}
      </span>
    );
  });
}

/** The right edge of a column. Those left of it keep the width that they have, so that nothing moves but what is drawn; twice pressed it is as at first. */
function Edge({ before, widths, onDraw }: { before: { id: string }[]; widths: Record<string, number>; onDraw: (widths: Record<string, number>, done: boolean) => void }) {
  const drawn = useRef<{ from: number; width: number; widths: Record<string, number> } | undefined>(undefined);
  const id = before.at(-1)!.id;
  const now = (e: PointerEvent, done: boolean) => {
    const d = drawn.current;
    if (!d) return;
    const next = { ...d.widths, [id]: Math.round(Math.max(narrowest, Math.min(widest, d.width + e.clientX - d.from))) };
    if (done) drawn.current = undefined;
    onDraw(e.clientX === d.from ? widths : next, done);
  };
  return (
    <span
      aria-hidden
      data-edge={id}
      className="group/edge absolute inset-y-0 right-0 z-10 flex w-3 cursor-col-resize touch-none justify-center pointer-coarse:hidden"
      onClick={(e) => e.stopPropagation()}
      onDoubleClick={() => {
        const { [id]: _, ...others } = widths;
        onDraw(others, true);
      }}
      onPointerDown={(e) => {
        if (e.button !== 0) return;
        const row = e.currentTarget.closest("[role=row]");
        const wide = Object.fromEntries([...(row?.querySelectorAll<HTMLElement>("[data-column]") ?? [])].map((h) => [h.dataset.column!, Math.round(h.getBoundingClientRect().width)]));
        e.currentTarget.setPointerCapture(e.pointerId);
        e.preventDefault();
        drawn.current = { from: e.clientX, width: wide[id]!, widths: { ...widths, ...Object.fromEntries(before.map((c) => [c.id, wide[c.id]!])) } };
      }}
      onPointerMove={(e) => drawn.current && now(e, false)}
      onPointerUp={(e) => now(e, true)}
      onPointerCancel={(e) => now(e, true)}
    >
      <span className="my-2 w-px bg-line group-hover/edge:w-0.5 group-hover/edge:bg-accent" />
    </span>
  );
}
