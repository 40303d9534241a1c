import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { Column } from "@/ui/table";
import { changed, type Layout, type Layouts } from "./layouts";
import { preferencesOptions, setPreferences } from "./preferences";

// Which columns of a table a person sees, and how wide: kept with what they have set for themselves, and in this browser, so that a table is drawn
// right at once.
const key = "outrider.tables";
const listeners = new Set<() => void>();
let all = read();

function read(): Layouts {
  try {
    const was: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return was && typeof was === "object" ? (was as Layouts) : {};
  } catch {
    return {};
  }
}

function showLayouts(now: Layouts) {
  if (JSON.stringify(now) === JSON.stringify(all)) return;
  all = now;
  localStorage.setItem(key, JSON.stringify(all));
  for (const l of listeners) l();
}

/** The ids of the columns that were chosen of a table; "" = none were. */
export const columnsKept = (table: string) => all[table]?.cols?.join(",") ?? "";

export type TableLayout<Row> = { columns: Column<Row>[]; shown: Column<Row>[]; widths: Record<string, number>; onWidths: (w: Record<string, number>) => void; onColumns: (ids?: string[]) => void };

const none: Record<string, number> = {};

/** The columns of a table as a person has chosen and drawn them; without a choice those of `usual`, or all. */
export function useTableLayout<Row>(table: string, columns: Column<Row>[], usual?: string[]): TableLayout<Row> {
  const layouts = useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => all,
  );
  const own = useQuery({ ...preferencesOptions(), retry: false }).data; // what was set in another browser, or isn't this person's
  useEffect(() => {
    if (own) showLayouts(own.tables ?? {});
  }, [own]);
  const { cols = usual, widths = none } = layouts[table] ?? {};
  const change = (c: Layout) => {
    showLayouts(changed(all, table, c));
    void setPreferences({ tables: all });
  };
  const chosen = cols ? cols.flatMap((id) => columns.find((c) => c.id === id) ?? []) : columns;
  return { columns, shown: chosen.length ? chosen : columns, widths, onWidths: (w) => change({ widths: w }), onColumns: (ids) => change({ cols: ids }) };
}
