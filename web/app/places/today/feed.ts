import { feedKinds, type FeedKind } from "./feed-kinds";

export type FeedEvent = { id: string; oseq: number; type: string; time: string; subject: string; data?: unknown };
export type Group = { kind: FeedKind; type: string; count: number; from: string; to: string; oseq: number; first: FeedEvent };

const hour = 3_600_000;

/** The list that has as many rows as a line counts: what happened in its time. */
export function pathOfGroup(g: Group): string {
  if (!g.kind.path.startsWith("/history?")) return g.kind.path;
  return `${g.kind.path}&from=${encodeURIComponent(g.from)}&to=${encodeURIComponent(new Date(Date.parse(g.to) + 1).toISOString())}`;
}

/** `message.sent.v2` -> `message.sent` */
export const withoutVersion = (type: string) => type.replace(/\.v\d+$/, "");

/**
 * What is worth telling of the newest events (newest first): like ones within half an hour are one line, "12 messages sent, 14:10-14:19"; those that are
 * older than six hours, within six hours. A line stands where its newest event does.
 */
export function groupEvents(events: FeedEvent[], now: Date, most = 30): Group[] {
  const out: Group[] = [];
  for (const e of events) {
    const type = withoutVersion(e.type);
    const kind = feedKinds[type];
    if (!kind) continue;
    const open = kind.alone ? undefined : out.find((g) => g.type === type && Date.parse(g.to) - Date.parse(e.time) <= (now.getTime() - Date.parse(g.to) > 6 * hour ? 6 * hour : hour / 2));
    if (open) {
      open.count++;
      if (e.time < open.from) open.from = e.time;
    } else if (out.length < most) out.push({ kind, type, count: 1, from: e.time, to: e.time, oseq: e.oseq, first: e });
  }
  return out;
}
