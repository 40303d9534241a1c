import { useSyncExternalStore } from "react";
import type { Column } from "@/ui/table";

// Which columns of a table a person sees, and how wide: kept with what they have set for themselves, and in this browser, so that a table is drawn
// right at once.
export type Layout = { cols?: string[]; widths?: Record<string, number> };
export type Layouts = Record<string, Layout>;

const key = "outrider.tables";
const listeners = new Set<() => void>();
let all = read();
let keep: ((all: Layouts) => void) | undefined;

function read(): Layouts {
  try {
    const was: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return was && typeof was === "object" ? (was as Layouts) : {};
  } catch {
    return {};
  }
}

/** Takes over what was set in another browser. */
export function showLayouts(now: Layouts) {
  if (JSON.stringify(now) === JSON.stringify(all)) return;
  all = now;
  localStorage.setItem(key, JSON.stringify(all));
  for (const l of listeners) l();
}

/** Names who keeps what is changed. */
export const keepLayouts = (by: (all: Layouts) => void) => void (keep = by);

/** The ids of the columns that were chosen of a table; "" = none were. */
export const columnsKept = (table: string) => all[table]?.cols?.join(",") ?? "";

/** What is the same as at first isn't kept. */
export function changed(before: Layouts, table: string, change: Layout): Layouts {
  const now: Layout = { ...before[table], ...change };
  if (!now.cols?.length) delete now.cols;
  if (!now.widths || Object.keys(now.widths).length === 0) delete now.widths;
  const { [table]: _, ...others } = before;
  return Object.keys(now).length ? { ...others, [table]: now } : others;
}

export type TableLayout<Row> = { columns: Column<Row>[]; shown: Column<Row>[]; widths: Record<string, number>; onWidths: (w: Record<string, number>) => void; onColumns: (ids?: string[]) => void };

const none: Record<string, number> = {};

/** The columns of a table as a person has chosen and drawn them; without a choice those of `usual`, or all. */
export function useTableLayout<Row>(table: string, columns: Column<Row>[], usual?: string[]): TableLayout<Row> {
  const layouts = useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => all,
  );
  const { cols = usual, widths = none } = layouts[table] ?? {};
  const change = (c: Layout) => {
    showLayouts(changed(all, table, c));
    keep?.(all);
  };
  const chosen = cols ? cols.flatMap((id) => columns.find((c) => c.id === id) ?? []) : columns;
  return { columns, shown: chosen.length ? chosen : columns, widths, onWidths: (w) => change({ widths: w }), onColumns: (ids) => change({ cols: ids }) };
}
