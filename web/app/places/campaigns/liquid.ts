// What a text with Liquid names, as far as the editor needs it; the server decides.
export const leadVariables = ["first_name", "last_name", "email", "company_name", "job_title", "phone", "website", "linkedin_url", "city", "country"] as const;
export const systemVariables = ["sender_name", "sender_email", "organization_name", "booking_link", "unsubscribe_link", "postal_address"] as const;

export type Used = { name: string; fallback: boolean };

const output = /\{\{-?\s*([A-Za-z_][\w.]*)\s*((?:\|[^}]*)?)-?\}\}/g;

/** The variables that a text puts in, and whether each says what stands there when there is no value. */
export function usedIn(text: string): Used[] {
  const out = new Map<string, Used>();
  for (const [, name = "", filters = ""] of text.matchAll(output)) {
    const fallback = /\|\s*default\s*:/.test(filters);
    const was = out.get(name);
    out.set(name, { name, fallback: fallback && (was?.fallback ?? true) });
  }
  return [...out.values()];
}

/** Where a variable stands within a condition on itself, it isn't missing for anybody. */
export function guardedIn(text: string): Set<string> {
  const out = new Set<string>();
  for (const [, condition = ""] of text.matchAll(/\{%-?\s*(?:if|unless|elsif)\s+([^%]*)%\}/g)) for (const [name] of condition.matchAll(/[A-Za-z_][\w.]*/g)) out.add(name);
  return out;
}

type Person = { custom?: Record<string, unknown> } & Record<string, unknown>;

/** Reports whether a person has a value for a variable. */
export function hasValue(person: Person, name: string): boolean {
  if ((systemVariables as readonly string[]).includes(name)) return true;
  const bare = name.replace(/^custom\./, "");
  const value = (leadVariables as readonly string[]).includes(name) ? person[name] : person.custom?.[bare];
  return value !== undefined && value !== null && String(value).trim() !== "";
}

/** The names of the custom fields that some people have. */
export function customFieldsOf(people: Person[]): string[] {
  const out = new Set<string>();
  for (const p of people) for (const k of Object.keys(p.custom ?? {})) out.add(k);
  return [...out].sort();
}

export const linksIn = (text: string) => [...text.matchAll(/\bhttps?:\/\/[^\s<>"')\]]+/g)].map((m) => m[0].replace(/[.,;:!?]+$/, ""));

export const wordsIn = (text: string) => text.replace(/\{[{%][^}]*[}%]\}/g, "x").split(/\s+/).filter(Boolean).length;
