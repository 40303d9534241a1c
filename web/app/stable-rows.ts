import { useRef, useState } from "react";

/**
 * Rows never move under the pointer. Those that stand keep their order, those that are gone go; new ones at the end (another page) are
 * added, and new ones above are held back until somebody asks for them.
 */
export function stable<Row>(order: string[], rows: Row[], idOf: (r: Row) => string): { rows: Row[]; held: number } {
  if (order.length === 0) return { rows, held: 0 };
  const byID = new Map(rows.map((r) => [idOf(r), r]));
  const stands = order.flatMap((id) => (byID.has(id) ? [byID.get(id)!] : []));
  if (stands.length === 0) return { rows, held: 0 };
  const known = new Set(order);
  const last = rows.findLastIndex((r) => known.has(idOf(r)));
  return { rows: [...stands, ...rows.slice(last + 1)], held: rows.slice(0, last).filter((r) => !known.has(idOf(r))).length };
}

/** The rows as they stood, the count of those that are held back, and the way to see them. `list` names what is listed: another begins anew. */
export function useStableRows<Row>(rows: Row[], idOf: (r: Row) => string, list: string) {
  const order = useRef<{ list: string; ids: string[] }>({ list, ids: [] });
  const [, again] = useState(0);
  if (order.current.list !== list) order.current = { list, ids: [] };
  const now = stable(order.current.ids, rows, idOf);
  order.current.ids = now.rows.map(idOf);
  return {
    ...now,
    show: () => {
      order.current.ids = [];
      again((n) => n + 1);
    },
  };
}
