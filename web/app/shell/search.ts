import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";

export type Hit = { kind: string; id: string; title: string; detail?: string; path: string };

const pages: Partial<Record<Schemas["SearchResult"]["kind"], (r: Schemas["SearchResult"]) => string>> = {
  lead: (r) => "/leads/" + r.id,
  campaign: (r) => "/campaigns/" + r.id,
  mailbox: (r) => "/mailboxes/" + r.id,
  thread: (r) => "/inbox/all/" + r.id,
  meeting: () => "/meetings",
  event: (r) => "/history/" + r.oseq,
  request: (r) => "/trace/" + r.id,
};

/** What was found, with the page that shows it; what has none of its own is shown by what happened to it. */
export const hitOf = (r: Schemas["SearchResult"]): Hit => ({ kind: r.kind, id: r.id, title: r.title, detail: r.detail, path: pages[r.kind]?.(r) ?? "/history?subject=" + r.id });

/** Objects of the organisation that a text finds. */
export const searchOptions = (org: string, q: string) =>
  queryOptions({
    queryKey: [org, "search", q],
    staleTime: 10_000,
    placeholderData: keepPreviousData, // what was found before stays until there is more to say
    queryFn: async () => (await must(api.GET("/v1/search", { params: { query: { q } } }))).data.map(hitOf),
  });

const recentKey = (org: string) => "outrider.recent." + org;
const mostRecent = 6;

/** What was opened from here last, the newest first. */
export function recentHits(org: string): Hit[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(recentKey(org)) ?? "[]");
    return Array.isArray(kept) ? (kept as Hit[]) : [];
  } catch {
    return [];
  }
}

export function rememberHit(org: string, hit: Hit) {
  const all = [hit, ...recentHits(org).filter((h) => h.kind + h.id !== hit.kind + hit.id)].slice(0, mostRecent);
  localStorage.setItem(recentKey(org), JSON.stringify(all));
}
