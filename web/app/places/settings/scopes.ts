import { w } from "@/words";

/** Scopes by what they are about, in the order of the words: [["Leads", ["leads:read", ...]], ...]. */
export function scopeGroups(scopes: readonly string[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const scope of [...scopes].sort(byStrength)) {
    const area = scope.split(":")[0]!;
    const name = w.settings.keys.areas[area] ?? area;
    groups.set(name, [...(groups.get(name) ?? []), scope]);
  }
  const order = Object.values(w.settings.keys.areas);
  return [...groups].sort((a, b) => rank(order, a[0]) - rank(order, b[0]));
}

const rank = (order: string[], name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
const byStrength = (a: string, b: string) => Number(b.endsWith(":read")) - Number(a.endsWith(":read")) || a.localeCompare(b);

/** Reads what was typed as networks: one a line, or by commas. */
export function networksOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}
