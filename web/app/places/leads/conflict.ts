import type { Schemas } from "@/api/client";

export type Fields = Record<string, string>;
export type Difference = { field: string; theirs: string; mine: string };

export const editable = ["email", "first_name", "last_name", "company_name", "job_title", "phone", "linkedin_url", "website", "city", "country", "time_zone", "lawful_basis", "crm_id"] as const;

/** A lead as a form has it: one text a field, those of your own behind "custom.". */
export function fieldsOf(lead: Schemas["Lead"]): Fields {
  const out: Fields = {};
  for (const f of editable) out[f] = lead[f] ?? "";
  for (const [k, v] of Object.entries(lead.custom)) out["custom." + k] = v;
  return out;
}

/** What was typed and is other than it was. */
export function changed(base: Fields, mine: Fields): Fields {
  const out: Fields = {};
  for (const [k, v] of Object.entries(mine)) if (v.trim() !== (base[k] ?? "").trim()) out[k] = v.trim();
  return out;
}

/** The merge patch of a change; a blank clears. */
export function patchOf(change: Fields): Schemas["LeadPatch"] {
  const out: Record<string, unknown> = {};
  const custom: Record<string, string | null> = {};
  for (const [k, v] of Object.entries(change)) {
    if (k.startsWith("custom.")) custom[k.slice(7)] = v || null;
    else out[k] = v || null;
  }
  if (Object.keys(custom).length) out.custom = custom;
  return out as Schemas["LeadPatch"];
}

/** The fields that both changed, to different texts. What only one changed is no question. */
export function differences(base: Fields, mine: Fields, theirs: Fields): Difference[] {
  const own = changed(base, mine);
  const others = changed(base, { ...Object.fromEntries(Object.keys(base).map((k) => [k, ""])), ...theirs });
  return Object.keys(own)
    .filter((k) => k in others && others[k] !== own[k])
    .map((field) => ({ field, theirs: others[field]!, mine: own[field]! }));
}
