import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

export type SettingsSearch = { q?: string; filter?: string; reason?: string; kind?: string; sort?: string; connected?: string; integration_problem?: string };

const text = (x: unknown) => (typeof x === "string" && x ? x : undefined);

const validateSearch = (s: Record<string, unknown>): SettingsSearch => ({ q: text(s.q), filter: text(s.filter), reason: text(s.reason), kind: text(s.kind), sort: text(s.sort), connected: text(s.connected), integration_problem: text(s.integration_problem) });

const page = lazyRouteComponent(() => loadPart(() => import("./page")), "SettingsPage");

export const settingsRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/settings", validateSearch, component: page }),
  createRoute({ getParentRoute: () => orgRoute, path: "/settings/$section", validateSearch, component: page }),
];
