import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

export type NewSearch = { campaign?: string; step?: string };

const text = (x: unknown) => (typeof x === "string" && x ? x : undefined);

export const experimentsRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/analytics/experiments", component: lazyRouteComponent(() => loadPart(() => import("./list")), "ExperimentsPage") }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics/experiments/new",
    validateSearch: (s: Record<string, unknown>): NewSearch => ({ campaign: text(s.campaign), step: text(s.step) }),
    component: lazyRouteComponent(() => loadPart(() => import("./new")), "NewExperimentPage"),
  }),
  createRoute({ getParentRoute: () => orgRoute, path: "/analytics/experiments/$id", component: lazyRouteComponent(() => loadPart(() => import("./one")), "ExperimentPage") }),
];
