import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";

export type NewSearch = { campaign?: string; step?: string };

const text = (x: unknown) => (typeof x === "string" && x ? x : undefined);

export const experimentsRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/analytics/experiments", component: lazyRouteComponent(() => import("./list"), "ExperimentsPage") }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics/experiments/new",
    validateSearch: (s: Record<string, unknown>): NewSearch => ({ campaign: text(s.campaign), step: text(s.step) }),
    component: lazyRouteComponent(() => import("./new"), "NewExperimentPage"),
  }),
  createRoute({ getParentRoute: () => orgRoute, path: "/analytics/experiments/$id", component: lazyRouteComponent(() => import("./one"), "ExperimentPage") }),
];
