export type RunsOut = { kind: "lasts" } | { kind: "reached" } | { kind: "on"; at: Date };

/** Tells when a limit will be reached if it goes on as in the period so far; not in its first day, of which nothing follows. */
export function runsOut(used: number, limit: number, from: string, to: string, now: Date): RunsOut {
  if (used >= limit) return { kind: "reached" };
  const begun = Date.parse(from);
  const gone = now.getTime() - begun;
  if (gone < 86_400_000 || used <= 0) return { kind: "lasts" };
  const at = new Date(begun + (gone * limit) / used);
  return at.getTime() < Date.parse(to) ? { kind: "on", at } : { kind: "lasts" };
}
