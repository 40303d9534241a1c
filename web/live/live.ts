import { useEffect, useSyncExternalStore } from "react";
import { notePosition } from "@/api/organization";
import { queries } from "@/app/query";
import type { LiveEvent } from "./events";
import { readAnew } from "./read-anew";
import { staleAfter, type Area } from "./stale";
import { readEvents } from "./stream";

// One stream for all tabs of a browser: a lock chooses the tab that holds it, a channel shares it, as a browser opens six connections to an
// origin at most. Without locks (plain HTTP) every visible tab listens for itself.
type Status = { state: "connecting" | "live" | "reconnecting" | "polling"; since: Date };
type Shared = { event: LiveEvent } | { status: Status["state"]; since: string } | { ask: true };

let status: Status = { state: "connecting", since: new Date() };
const watchers = new Set<() => void>();
const hearers = new Set<(e: LiveEvent) => void>();

function setStatus(s: Status) {
  status = s;
  document.documentElement.dataset.live = s.state;
  for (const l of watchers) l();
}

export function useLiveStatus() {
  return useSyncExternalStore(
    (l) => (watchers.add(l), () => void watchers.delete(l)),
    () => status,
  );
}

/** Hears every event of the organisation of this tab. */
export function useLiveEvents(hear: (e: LiveEvent) => void) {
  useEffect(() => {
    hearers.add(hear);
    return () => void hearers.delete(hear);
  }, [hear]);
}

const waiting = new Map<string, { areas: Set<Area>; newest: LiveEvent }>(); // by organisation
const longestRound = 5000;

function take(org: string, e: LiveEvent) {
  notePosition(org, e.position);
  const w = waiting.get(org);
  const areas = w?.areas ?? new Set<Area>();
  for (const a of staleAfter(e.type)) areas.add(a);
  waiting.set(org, { areas, newest: e });
  if (!w) void refresh(org);
  for (const h of hearers) h(e);
}

// Refetches are gathered for 250 ms, and carry the position of the newest event. The next round begins when this one has ended, so that a flood of
// events doesn't keep any of them from ending. Then the root element says how far the page has got.
async function refresh(org: string) {
  for (;;) {
    await pause(250);
    const { areas, newest } = waiting.get(org)!;
    waiting.set(org, { areas: new Set(), newest });
    await Promise.race([pause(longestRound), readAnew(queries, { queryKey: [org], predicate: (q) => areas.has(q.queryKey[1] as Area) })]);
    document.documentElement.dataset.oseq = String(newest.oseq);
    document.documentElement.dataset.position = newest.position;
    if (!waiting.get(org)!.areas.size) break;
  }
  waiting.delete(org);
}

const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));

/** Keeps the tab up to date until signal aborts. */
export function followLive(org: string, signal: AbortSignal) {
  const channel = new BroadcastChannel("outrider.live." + org);
  channel.onmessage = (m: MessageEvent<Shared>) => {
    if ("event" in m.data) take(org, m.data.event);
    else if ("status" in m.data) setStatus({ state: m.data.status, since: new Date(m.data.since) });
    else if (holds) share({ status: status.state, since: status.since.toISOString() });
  };
  signal.addEventListener("abort", () => channel.close());
  const share = (s: Shared) => {
    if (!signal.aborted) channel.postMessage(s);
  };
  let holds = false;
  const hold = () => ((holds = true), hear(org, signal, share));
  if (navigator.locks) {
    navigator.locks.request("outrider.live." + org, { signal }, hold).catch(() => {});
    setStatus({ state: "connecting", since: new Date() });
    share({ ask: true }); // whoever holds the stream says how it is
  } else void hold();
}

async function hear(org: string, signal: AbortSignal, share: (s: Shared) => void) {
  let last = "";
  let failures = 0;
  const say = (state: Status["state"], since = new Date()) => {
    setStatus({ state, since });
    share({ status: state, since: since.toISOString() });
  };
  let lostAt = new Date();
  let opened = false; // else it isn't lost, only slow to come
  say("connecting");
  while (!signal.aborted) {
    const began = Date.now();
    try {
      const headers: Record<string, string> = { "Outrider-Organization": org };
      if (last) headers["Last-Event-ID"] = last;
      await readEvents(
        "/v1/events",
        headers,
        signal,
        () => {
          const back = failures > 0 || status.state !== "live";
          failures = 0;
          opened = true;
          say("live");
          if (back && !last) {
            // What happened just before isn't told by the stream, and may not stand in what is read yet: it is read again a moment later.
            const readAgain = () => void (signal.aborted || readAnew(queries, { queryKey: [org] }));
            readAgain();
            setTimeout(readAgain, 2000);
          }
        },
        (e) => {
          last = String(e.oseq);
          take(org, e);
          share({ event: e });
        },
      );
    } catch {
      if (signal.aborted) return;
    }
    if (status.state === "live") lostAt = new Date();
    failures = Date.now() - began > 10_000 ? 1 : failures + 1;
    say(failures >= 3 ? "polling" : opened ? "reconnecting" : "connecting", lostAt);
    if (failures >= 3) void readAnew(queries, { queryKey: [org] });
    await pause(failures >= 3 ? 15_000 : 1000 * failures);
  }
}
