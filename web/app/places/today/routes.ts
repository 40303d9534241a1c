import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

export const todayRoutes = [
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/",
    validateSearch: (s: Record<string, unknown>): { day?: string; figures?: "table" } => ({
      day: typeof s.day === "string" && /^\d{4}-\d\d-\d\d$/.test(s.day) ? s.day : undefined,
      figures: s.figures === "table" ? "table" : undefined,
    }),
    component: lazyRouteComponent(() => loadPart(() => import("./page")), "TodayPage"),
  }),
];
