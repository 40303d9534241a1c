import type { Schemas } from "@/api/client";

type Column = Schemas["ImportColumn"];

export const targets = ["email", "full_name", "first_name", "last_name", "company_name", "job_title", "phone", "linkedin_url", "website", "city", "country", "time_zone", "tags", "crm_id", "lawful_basis"] as const;

/** Column of the file -> field of the lead; blank leaves it out. */
export type Mapping = Record<string, string>;

/** What the server would do by itself. */
export function guessed(columns: Column[]): Mapping {
  return Object.fromEntries(columns.map((c) => [c.name, c.field ?? ""]));
}

/** The name of an own field, of the name of a column. */
export function ownName(column: string): string {
  const name = column
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 50);
  return name || "field";
}

export function fullness(c: Column) {
  return { filled: c.values.filter((v) => v !== "").length, of: c.values.length };
}

/** Three that say most: filled, and each another. */
export function samples(c: Column): string[] {
  return [...new Set(c.values.filter((v) => v !== ""))].slice(0, 3);
}

/** What speaks against a mapping: no address, or a field that two columns fill. Tags may come from many. */
export function objections(columns: Column[], m: Mapping): { noAddress: boolean; twice: { field: string; columns: string[] }[] } {
  const by = new Map<string, string[]>();
  for (const c of columns) {
    const f = m[c.name];
    if (f) by.set(f, [...(by.get(f) ?? []), c.name]);
  }
  return { noAddress: !by.has("email"), twice: [...by].filter(([f, list]) => list.length > 1 && f !== "tags").map(([field, list]) => ({ field, columns: list })) };
}

export type Options = { on_duplicate: "skip" | "update"; tags: string; lawful_basis: string; time_zone: string; source: string };
export type ReadAs = { charset: string; delimiter: string; header_row: string };

/** The form as the API wants it: the file stands last, and blanks aren't said. */
export function formOf(file: File, readAs: ReadAs, o?: { mapping: Mapping; options: Options; dryRun: boolean }): FormData {
  const form = new FormData();
  const say = (name: string, value: string) => value.trim() && form.append(name, value.trim());
  say("charset", readAs.charset);
  say("delimiter", readAs.delimiter);
  say("header_row", readAs.header_row);
  if (o) {
    form.append("dry_run", o.dryRun ? "true" : "false");
    form.append("mapping", JSON.stringify(o.mapping));
    for (const [k, v] of Object.entries(o.options)) say(k, v);
  }
  form.append("file", file);
  return form;
}

/** How fast it goes, and for how long still, of what was seen so far. */
export function pace(seen: { rows: number; at: number }[], total?: number): { perSecond: number; left?: number } | undefined {
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || last.at - first.at < 500 || last.rows <= first.rows) return undefined;
  const perSecond = ((last.rows - first.rows) / (last.at - first.at)) * 1000;
  return { perSecond: Math.round(perSecond), left: total && total > last.rows ? (total - last.rows) / perSecond : undefined };
}
