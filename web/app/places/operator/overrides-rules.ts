/** Reads what was typed beside each limit: nothing is the plan's own. The first one that is no whole number from -1 on is wrong. */
export function readOverrides(typed: Record<string, string>): { overrides: Record<string, number>; wrong?: string } {
  const overrides: Record<string, number> = {};
  for (const [name, text] of Object.entries(typed)) {
    if (!text.trim()) continue;
    const n = Number(text);
    if (!Number.isSafeInteger(n) || n < -1) return { overrides, wrong: name };
    overrides[name] = n;
  }
  return { overrides };
}

/** Reports whether two agreements are the same. */
export function sameOverrides(a: Record<string, number>, b: Record<string, number>) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((n) => a[n] === b[n]);
}
