import type { Schemas } from "@/api/client";

type Lead = Schemas["Lead"];

/**
 * Rows never move under the pointer: of a newer first page the leads that stand in the list are renewed where they stand, and the others are
 * only counted.
 */
export function renew(rows: Lead[], head: Lead[] | undefined): Lead[] {
  if (!head?.length) return rows;
  const newer = new Map(head.map((l) => [l.id, l]));
  let changed = false;
  const out = rows.map((r) => {
    const n = newer.get(r.id);
    if (!n || n === r) return r;
    changed = true;
    return n;
  });
  return changed ? out : rows;
}

/** How many more match now than when the list was read. */
export function moreThanBefore(now: number | undefined, then: number | undefined) {
  return now !== undefined && then !== undefined && now > then ? now - then : 0;
}
