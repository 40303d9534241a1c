import { queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";

export type Hit = { kind: string; id: string; title: string; detail?: string; path: string };

const most = 8;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What a text names by itself: the number of an event, the id of a request. */
export function named(q: string): Hit[] {
  if (/^\d{1,18}$/.test(q)) return [{ kind: "event", id: q, title: "#" + q, path: "/history/" + q }];
  if (uuid.test(q)) return [{ kind: "request", id: q, title: q, path: "/trace/" + q }];
  return [];
}

/** Objects of the organisation that a text finds, of the kinds that the asker may see. */
export const searchOptions = (org: string, q: string, may: readonly string[]) =>
  queryOptions({
    queryKey: [org, "search", q],
    staleTime: 10_000,
    queryFn: async (): Promise<Hit[]> => {
      const wanted = q.toLowerCase();
      const people = async (): Promise<Hit[]> =>
        (await must(api.GET("/v1/leads", { params: { query: { q, limit: most } } }))).data.map((l) => ({
          kind: "lead",
          id: l.id,
          title: [l.first_name, l.last_name].filter(Boolean).join(" ") || l.email || l.id,
          detail: [l.company_name, l.email].filter(Boolean).join(", "),
          path: "/leads/" + l.id,
        }));
      const campaigns = async (): Promise<Hit[]> =>
        (await must(api.GET("/v1/campaigns", { params: { query: { limit: 200 } } }))).data
          .filter((c) => c.name.toLowerCase().includes(wanted))
          .slice(0, most)
          .map((c) => ({ kind: "campaign", id: c.id, title: c.name, detail: c.status, path: "/campaigns/" + c.id }));
      const mailboxes = async (): Promise<Hit[]> =>
        (await must(api.GET("/v1/mailboxes", { params: { query: { limit: 100 } } }))).data
          .filter((m) => `${m.address} ${m.display_name}`.toLowerCase().includes(wanted))
          .slice(0, most)
          .map((m) => ({ kind: "mailbox", id: m.id, title: m.address ?? m.id, detail: m.display_name, path: "/mailboxes/" + m.id }));
      const asked = [
        ["leads:read", people],
        ["campaigns:read", campaigns],
        ["mailboxes:read", mailboxes],
      ] as const;
      const found = await Promise.allSettled(asked.filter(([p]) => may.includes(p)).map(([, f]) => f()));
      return [...named(q), ...found.flatMap((f) => (f.status === "fulfilled" ? f.value : []))];
    },
  });
