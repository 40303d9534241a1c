import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

/** The kinds of objects that have a past. */
export const pastKinds = ["organization", "lead", "campaign", "enrollment", "mailbox"] as const;
export type PastKind = (typeof pastKinds)[number];

/** What is looked at in the history; actor is "kind" or "kind:id". */
export type HistorySearch = { type?: string; actor?: string; subject?: string; request?: string; from?: string; to?: string; q?: string; live?: boolean };

const text = (x: unknown) => (typeof x === "string" && x ? x : undefined);
const instant = (x: unknown) => (typeof x === "string" && !Number.isNaN(Date.parse(x)) ? x : undefined);

const validateSearch = (s: Record<string, unknown>): HistorySearch => ({
  type: text(s.type),
  actor: text(s.actor),
  subject: text(s.subject),
  request: text(s.request),
  from: instant(s.from),
  to: instant(s.to),
  q: s.q === undefined ? undefined : text(String(s.q)),
  live: s.live === true || s.live === "true" ? true : undefined,
});

/** Which object is compared, and between which instants; without `to`, with now. */
export type CompareSearch = { kind?: PastKind; subject?: string; from?: string; to?: string };

const compared = (s: Record<string, unknown>): CompareSearch => ({ kind: pastKinds.find((k) => k === s.kind), subject: text(s.subject), from: instant(s.from), to: instant(s.to) });

export const historyRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/history", validateSearch, component: lazyRouteComponent(() => loadPart(() => import("./page")), "HistoryPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/history/proof", component: lazyRouteComponent(() => loadPart(() => import("./proof")), "ProofPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/history/compare", validateSearch: compared, component: lazyRouteComponent(() => loadPart(() => import("./compare")), "ComparePage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/history/$event", component: lazyRouteComponent(() => loadPart(() => import("./event")), "EventPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/trace/$id", component: lazyRouteComponent(() => loadPart(() => import("./trace")), "TracePage") }),
];
