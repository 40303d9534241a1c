/** Reads lines like "mailboxes 60"; the first one that isn't so is wrong. */
export function readOverrides(text: string): { overrides: Record<string, number>; wrong?: string } {
  const overrides: Record<string, number> = {};
  for (const line of text.split("\n").map((l) => l.trim())) {
    if (!line) continue;
    const m = /^([a-z_]+)[\s:=]+(-?\d+)$/.exec(line);
    if (!m) return { overrides, wrong: line };
    overrides[m[1]!] = Number(m[2]);
  }
  return { overrides };
}
