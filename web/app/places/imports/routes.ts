import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";
import type { Outcome } from "./queries";

const outcomes: Outcome[] = ["created", "updated", "duplicate", "rejected", "warned"];

export const importsRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/imports", component: lazyRouteComponent(() => loadPart(() => import("./list")), "ImportsPage") }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/imports/new",
    validateSearch: (s: Record<string, unknown>): { step?: "columns" } => ({ step: s.step === "columns" ? "columns" : undefined }),
    component: lazyRouteComponent(() => loadPart(() => import("./new")), "NewImportPage"),
  }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/imports/$id",
    validateSearch: (s: Record<string, unknown>): { outcome?: Outcome } => ({ outcome: outcomes.find((o) => o === s.outcome) }),
    component: lazyRouteComponent(() => loadPart(() => import("./one")), "ImportPage"),
  }),
];
