import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

export const tabs = ["organizations", "payments", "flags", "keys", "people", "engines"] as const;

export type OperatorSearch = { tab?: (typeof tabs)[number]; q?: string };

/** For who runs the installation: outside of every organisation, by a platform key that this tab alone holds. */
export const operatorRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/operator",
    validateSearch: (s: Record<string, unknown>): OperatorSearch => ({ tab: tabs.find((t) => t === s.tab), q: typeof s.q === "string" && s.q ? s.q : undefined }),
    component: lazyRouteComponent(() => loadPart(() => import("./page")), "OperatorPage"),
  }),
];
