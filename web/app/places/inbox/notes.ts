import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { personName } from "@/app/names";

export type Note = Schemas["InboxNote"];
type Member = { id: string; first_name?: string; last_name?: string; email?: string };

export const notesOptions = (org: string, thread: string) => queryOptions({ queryKey: [org, "inbox", "notes", thread], queryFn: async () => (await must(api.GET("/v1/inbox/{id}/notes", { params: { path: { id: thread } } }))).data });

/** Notes and what was written, by time; of the same instant the note comes last. */
export function byTime<I extends { id: string; received_at: string }>(items: I[], notes: Note[]): ({ item: I; index: number } | { note: Note })[] {
  const out: ({ item: I; index: number } | { note: Note })[] = [];
  const rest = [...notes];
  items.forEach((item, index) => {
    while (rest[0] && rest[0].created_at < item.received_at) out.push({ note: rest.shift()! });
    out.push({ item, index });
  });
  return [...out, ...rest.map((note) => ({ note }))];
}

/** The members whose names stand in a text behind an @, once each; of names that begin alike the longest counts. */
export function mentionsIn(text: string, members: Member[]): string[] {
  const byLength = members.map((m) => ({ id: m.id, name: "@" + personName(m) })).sort((a, b) => b.name.length - a.name.length);
  const out = new Set<string>();
  let left = text;
  for (const m of byLength) {
    if (m.name === "@" || !left.includes(m.name)) continue;
    out.add(m.id);
    left = left.replaceAll(m.name, " ");
  }
  return [...out].sort();
}
