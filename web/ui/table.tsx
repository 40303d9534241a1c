import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { w } from "@/words";
import { ChangingCell } from "./changed";
import { cx } from "./cx";
import { SkeletonRows } from "./states";
import { Heads, tracks } from "./table-head";

export type Column<Row> = {
  id: string;
  label: string;
  width: string; // of a grid column: "minmax(12rem,2fr)"
  cell: (row: Row) => ReactNode;
  sort?: string; // what the server calls it
  align?: "right";
};

type Props<Row> = {
  label: string;
  rows: Row[];
  total?: number; // how many there are, where not all are loaded
  columns: Column<Row>[];
  idOf: (row: Row) => string;
  onOpen?: (row: Row) => void;
  current?: string; // row that is looked at
  sort?: { by: string; descending: boolean };
  onSort?: (by: string, descending: boolean) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (ids: ReadonlySet<string>) => void;
  more?: () => void; // asks for the next page; absent = there is none
  loading?: boolean;
  empty?: ReactNode;
  widths?: Record<string, number>; // px, of columns that somebody has drawn
  onWidths?: (widths: Record<string, number>) => void;
};

const none: Record<string, number> = {};

const coarse = window.matchMedia("(pointer: coarse)");

/**
 * A grid of rows: one tab stop, arrows (also j and k), Enter opens, x selects, Shift x a range. Only what is seen is drawn, and rows never move
 * under the pointer: who shows the table decides when new ones come in.
 */
export function Table<Row>({ label, rows, total, columns, idOf, onOpen, current, sort, onSort, selected, onSelect, more, loading, empty, widths = none, onWidths }: Props<Row>) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const anchor = useRef(0);
  const height = coarse.matches ? 44 : 36;
  const v = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => height, overscan: 12 });
  const items = v.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 30) more();
  }, [last, rows.length, more]);
  useEffect(() => {
    const i = current ? rows.findIndex((r) => idOf(r) === current) : -1;
    if (i >= 0) setAt(i);
  }, [current]);
  const [drawn, setDrawn] = useState<Record<string, number>>(); // while an edge is held
  const { template, least } = tracks(columns, drawn ?? widths, !!onSelect);
  const onDraw =
    onWidths &&
    ((w: Record<string, number>, done: boolean) => {
      setDrawn(done ? undefined : w);
      if (done) onWidths(w);
    });
  const toggle = (from: number, to: number) => {
    if (!onSelect) return;
    const next = new Set(selected);
    const on = !next.has(idOf(rows[to]!));
    for (let i = Math.min(from, to); i <= Math.max(from, to); i++) {
      const id = idOf(rows[i]!);
      if (on) next.add(id);
      else next.delete(id);
    }
    onSelect(next);
  };
  const move = (to: number, open: boolean) => {
    const i = Math.max(0, Math.min(rows.length - 1, to));
    setAt(i);
    v.scrollToIndex(i);
    if (open && rows[i]) onOpen?.(rows[i]);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.target instanceof HTMLElement && e.target.closest("button,a,input") && e.key === "Enter") return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length };
    const step = e.ctrlKey || e.metaKey ? undefined : steps[e.key];
    if (step) move(at + step, !!current);
    else if (e.key === "Enter" && rows[at]) onOpen?.(rows[at]);
    else if (e.key.toLowerCase() === "x" && onSelect && rows[at]) {
      toggle(e.shiftKey ? anchor.current : at, at);
      anchor.current = at;
    } else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={total !== undefined ? Math.max(total, rows.length) + 1 : more ? -1 : rows.length + 1}
      aria-multiselectable={onSelect ? true : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      aria-activedescendant={rows[at] ? "row-" + idOf(rows[at]) : undefined}
      className="min-h-0 flex-1 overflow-auto outline-offset-[-2px]"
    >
      <div style={{ minWidth: rows.length ? least : "100%" }}>
        <div role="row" className="sticky top-0 z-10 grid h-9 items-center border-b bg-surface-1 px-4 text-table text-text-2 sm:px-6" style={{ gridTemplateColumns: template }}>
          {onSelect && (
            <span role="columnheader" aria-label={w.table.selection} className="flex items-center">
              <input
                type="checkbox"
                tabIndex={-1}
                className="size-4 accent-(--accent)"
                aria-label={w.table.selectAll}
                checked={rows.length > 0 && (selected?.size ?? 0) >= rows.length}
                onChange={(e) => onSelect(new Set(e.target.checked ? rows.map(idOf) : []))}
              />
            </span>
          )}
          <Heads columns={columns} sort={sort} onSort={onSort} widths={widths} onDraw={onDraw} />
        </div>
        {loading && rows.length === 0 ? (
          <SkeletonRows />
        ) : rows.length === 0 ? (
          <div role="row">
            <div role="gridcell">{empty}</div>
          </div>
        ) : (
          <div role="rowgroup" className="relative" style={{ height: v.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index]!;
              const id = idOf(row);
              const on = selected?.has(id);
              return (
                <div
                  key={id}
                  id={"row-" + id}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={onSelect ? !!on : current === id || undefined}
                  onClick={() => {
                    setAt(item.index);
                    onOpen?.(row);
                  }}
                  className={cx(
                    "absolute inset-x-0 grid items-center border-b px-4 text-table sm:px-6",
                    onOpen && "cursor-pointer hover:bg-surface-1",
                    (current === id || on) && "bg-accent-soft!",
                    item.index === at && "shadow-[inset_2px_0_0_var(--accent)]",
                  )}
                  style={{ height: item.size, top: item.start, gridTemplateColumns: template }}
                >
                  {onSelect && (
                    <span role="gridcell" className="flex items-center" onClick={(e) => e.stopPropagation()}>
                      <input type="checkbox" tabIndex={-1} className="size-4 accent-(--accent)" aria-label={w.table.select} checked={!!on} onChange={() => toggle(item.index, item.index)} />
                    </span>
                  )}
                  {columns.map((c) => (
                    <ChangingCell key={c.id} of={row} role="gridcell" className={cx("min-w-0 truncate pr-3", c.align === "right" && "text-right")}>
                      {c.cell(row)}
                    </ChangingCell>
                  ))}
                </div>
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}
