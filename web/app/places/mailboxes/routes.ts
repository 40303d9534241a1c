import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

export type MailboxSearch = { q?: string; status?: string; mail_problem?: string; connected?: string };

const text = (x: unknown) => (typeof x === "string" && x !== "" ? x.slice(0, 200) : undefined);

export const mailboxesRoutes = [
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/mailboxes",
    validateSearch: (s: Record<string, unknown>): MailboxSearch => ({ q: text(s.q), status: text(s.status), mail_problem: text(s.mail_problem), connected: text(s.connected) }),
    component: lazyRouteComponent(() => loadPart(() => import("./list")), "MailboxesPage"),
  }),
  createRoute({ getParentRoute: () => orgRoute, path: "/mailboxes/connect", component: lazyRouteComponent(() => loadPart(() => import("./connect")), "ConnectPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/mailboxes/limits", component: lazyRouteComponent(() => loadPart(() => import("./limits")), "LimitsPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/mailboxes/domains/$id", component: lazyRouteComponent(() => loadPart(() => import("./domain")), "DomainPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/mailboxes/$id", validateSearch: (s: Record<string, unknown>): { counted?: string } => ({ counted: text(s.counted) }), component: lazyRouteComponent(() => loadPart(() => import("./mailbox")), "MailboxPage") }),
];
