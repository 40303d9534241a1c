import type { Schemas } from "@/api/client";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import type { HistorySearch } from "./routes";

export type Entry = Schemas["AuditEntry"] & { text?: string; about?: { kind: string; id?: string; title?: string } };

/** message.sent.v2 -> message.sent */
export const family = (type: string) => type.replace(/\.v\d+$/, "");

/** What happened, in a sentence: the server's where it has one, else that of the catalogue with what tells it from others. */
export function sentence(e: Pick<Entry, "type" | "text" | "data">): string {
  if (e.text) return e.text;
  const t = family(e.type);
  const said = w.events[t] ?? inWords(t);
  const more = detail(e.data);
  return more ? `${said}: ${more}` : said;
}

function inWords(t: string) {
  const [noun = "", verb = ""] = t.split(".");
  const s = `${noun} ${verb}`.replaceAll("_", " ").trim();
  return s.slice(0, 1).toUpperCase() + s.slice(1);
}

function detail(data: Entry["data"]): string {
  const get = (k: string) => (typeof data?.[k] === "string" ? (data[k] as string) : "");
  if (get("rule")) return (w.mailboxes.planRules[get("rule")] ?? ruleInWords(get("rule"))).toLowerCase();
  for (const k of ["reason", "class", "kind", "name", "status", "role", "outcome"]) if (get(k)) return get(k).replaceAll("_", " ");
  return "";
}

const pages: Record<string, string> = { lead: "leads", campaign: "campaigns", mailbox: "mailboxes" };

/** What an event is about, and the page that shows it; no path where there is none. */
export function subjectOf(e: Pick<Entry, "type" | "subject" | "data" | "about">): { kind: string; id: string; title?: string; path?: string } {
  if (e.about) return { kind: e.about.kind, id: e.about.id ?? e.subject, title: e.about.title, path: e.about.id && pages[e.about.kind] ? `/${pages[e.about.kind]}/${e.about.id}` : undefined };
  for (const kind of Object.keys(pages)) if (e.data?.[kind + "_id"] === e.subject) return { kind, id: e.subject, path: `/${pages[kind]}/${e.subject}` };
  const kind = family(e.type).split(".")[0]!;
  return { kind, id: e.subject, path: pages[kind] ? `/${pages[kind]}/${e.subject}` : undefined };
}

export function actorInWords(a: Entry["actor"]): string {
  if (a.name) return a.name;
  if (a.kind === "provider" || a.kind === "clock") return w.history.actors[a.id] ?? a.id;
  return w.history.actorKinds[a.kind] ?? a.kind;
}

/** The filters as the server takes them. */
export function filtersOf(s: HistorySearch) {
  const [kind, ...id] = (s.actor ?? "").split(":");
  const many = s.type?.includes(",");
  return {
    ...(s.type ? (many ? { types: s.type } : { type: s.type }) : {}),
    ...(kind ? { actor_kind: kind as "person" } : {}),
    ...(id.length ? { actor_id: id.join(":") } : {}),
    ...(s.subject ? { subject: s.subject } : {}),
    ...(s.request ? { correlation_id: s.request } : {}),
    ...(s.from ? { from: s.from } : {}),
    ...(s.to ? { to: s.to } : {}),
    ...(s.q ? { q: s.q } : {}),
  };
}

/** Reports whether an event that was just heard of may stand in the list: what can't be told from the stream counts as yes. */
export function mayMatch(s: HistorySearch, e: { type: string; subject: string; time: string }): boolean {
  if (s.type && !s.type.split(",").some((t) => e.type.startsWith(t))) return false;
  if (s.subject && e.subject !== s.subject) return false;
  if (s.to && Date.parse(e.time) >= Date.parse(s.to)) return false;
  if (s.from && Date.parse(e.time) < Date.parse(s.from)) return false;
  return true;
}

/** Puts newer entries before those that are there, each once; undefined when there may be a gap between them. */
export function prepend<T extends { oseq: number }>(newer: T[], there: T[]): T[] | undefined {
  const top = there[0]?.oseq ?? 0;
  const fresh = newer.filter((x) => x.oseq > top);
  if (top > 0 && fresh.length > 0 && fresh.length === newer.length) return undefined;
  return [...fresh, ...there];
}
