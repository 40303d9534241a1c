import type { Schemas } from "@/api/client";
import type { paths } from "@/api/schema";

// What the list of leads shows stands in the URL; here it becomes what the API is asked, and which leads a bulk operation means.
export const statuses = ["new", "in_progress", "contacted", "replied", "meeting_booked", "closed"] as const satisfies readonly Schemas["OutreachStatus"][];
export const sources = ["crm", "csv_upload", "manual", "api"] as const satisfies readonly Schemas["LeadSource"][];
export const sorts = ["created_at", "updated_at", "email", "last_name", "company_name", "outreach_status", "lead_score", "intent_score"] as const;
export const qualifications = ["qualified", "needs_review", "unqualified"] as const satisfies readonly Schemas["Qualification"][];
export const scoreFilters = ["min_lead_score", "max_lead_score", "min_intent_score"] as const;

export type LeadsSearch = {
  q?: string;
  outreach_status?: Schemas["OutreachStatus"];
  source?: Schemas["LeadSource"];
  suppressed?: boolean;
  tag?: string;
  company?: string;
  country?: string;
  email?: string;
  campaign_id?: string;
  import_id?: string;
  segment_id?: string;
  qualification?: Schemas["Qualification"];
  min_lead_score?: number;
  max_lead_score?: number;
  min_intent_score?: number;
  created_from?: string;
  created_to?: string;
  updated_from?: string;
  updated_to?: string;
  sort?: string;
  cols?: string;
  job?: string;
  [own: OwnField]: string | undefined;
};

/** A field of the organisation's own, as it stands in the URL and in the API's query. */
export type OwnField = `custom.${string}`;
const ownField = /^custom\.[a-z0-9_]{1,40}$/;
export const isOwnField = (n: string): n is OwnField => ownField.test(n);

export const filterNames = ["q", "outreach_status", "source", "suppressed", "tag", "company", "country", "email", "campaign_id", "import_id", "segment_id", "qualification", ...scoreFilters, "created_from", "created_to", "updated_from", "updated_to"] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Pick<LeadsSearch, FilterName> & { [own: OwnField]: string | undefined };

// A search parameter that looks like a number or a truth value comes as one.
const text = (v: unknown) => (typeof v === "string" || typeof v === "number" || typeof v === "boolean" ? String(v).trim().slice(0, 200) || undefined : undefined);
const one = <T extends string>(v: unknown, of: readonly T[]) => of.find((x) => x === v);
const score = (v: unknown) => {
  const n = Number(text(v));
  return text(v) !== undefined && Number.isInteger(n) && n >= 0 && n <= 100 ? n : undefined;
};
const date = (v: unknown) => {
  const t = text(v);
  return t && !Number.isNaN(Date.parse(t)) ? t : undefined;
};
const id = (v: unknown) => {
  const t = text(v);
  return t && /^[0-9a-f-]{36}$/i.test(t) ? t : undefined;
};

/** Reads what is looked at from the URL; what makes no sense there is left out. */
export function readLeadsSearch(s: Record<string, unknown>): LeadsSearch {
  const sort = text(s.sort);
  return {
    q: text(s.q),
    outreach_status: one(s.outreach_status, statuses),
    source: one(s.source, sources),
    suppressed: s.suppressed === true || s.suppressed === "true" ? true : s.suppressed === false || s.suppressed === "false" ? false : undefined,
    tag: text(s.tag),
    company: text(s.company),
    country: text(s.country),
    email: text(s.email),
    campaign_id: id(s.campaign_id),
    import_id: id(s.import_id),
    segment_id: id(s.segment_id),
    qualification: one(s.qualification, qualifications),
    min_lead_score: score(s.min_lead_score) || undefined,
    max_lead_score: score(s.max_lead_score),
    min_intent_score: score(s.min_intent_score) || undefined,
    created_from: date(s.created_from),
    created_to: date(s.created_to),
    updated_from: date(s.updated_from),
    updated_to: date(s.updated_to),
    sort: sort && (one(sort.replace(/^-/, ""), sorts) || isOwnField(sort.replace(/^-/, ""))) ? sort : undefined,
    cols: text(s.cols),
    job: typeof s.job === "string" && /^[0-9a-f-]{36}(,[0-9a-f-]{36})*$/i.test(s.job) ? s.job : undefined,
    ...Object.fromEntries(Object.keys(s).filter((n) => isOwnField(n) && text(s[n])).map((n) => [n, text(s[n])])),
  };
}

export function filtersOf(s: LeadsSearch): Filters {
  const out: Record<string, unknown> = {};
  for (const n of filterNames) if (s[n] !== undefined) out[n] = s[n];
  for (const n of Object.keys(s).sort()) if (isOwnField(n) && s[n]) out[n] = s[n];
  return out as Filters;
}

const instants = new Set<FilterName>(["created_from", "created_to", "updated_from", "updated_to"]);

/** The filters as the API takes them: days are instants there. */
export function asked(f: Filters): Filters {
  const out = { ...f } as Record<string, unknown>;
  for (const n of instants) if (f[n]) out[n] = new Date(f[n] as string).toISOString();
  return out as Filters;
}

export type LeadsQuery = NonNullable<paths["/v1/leads"]["get"]["parameters"]["query"]>;

/** All that match, for what is done with many at once. */
export function selectionOf(f: Filters): Schemas["LeadSelection"] {
  const s: Record<string, unknown> = {};
  const custom: Record<string, string> = {};
  for (const [n, v] of Object.entries(asked(f))) {
    if (isOwnField(n)) custom[n.slice(7)] = String(v);
    else s[n] = v;
  }
  if (Object.keys(custom).length) s.custom = custom;
  return Object.keys(s).length ? s : { all: true };
}

export function sortOf(s: LeadsSearch) {
  const by = s.sort ?? "-created_at";
  return { by: by.replace(/^-/, ""), descending: by.startsWith("-") };
}
