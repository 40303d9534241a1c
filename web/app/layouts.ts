// Which columns of a table a person sees, and how wide, in px.
export type Layout = { cols?: string[]; widths?: Record<string, number> };
export type Layouts = Record<string, Layout>;

/** What is the same as at first isn't kept. */
export function changed(before: Layouts, table: string, change: Layout): Layouts {
  const now: Layout = { ...before[table], ...change };
  if (!now.cols?.length) delete now.cols;
  if (!now.widths || Object.keys(now.widths).length === 0) delete now.widths;
  const { [table]: _, ...others } = before;
  return Object.keys(now).length ? { ...others, [table]: now } : others;
}
