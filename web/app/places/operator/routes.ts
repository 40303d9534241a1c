import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/routes";

export type OperatorSearch = { tab?: "organizations" | "payments" | "flags" | "keys"; q?: string };

/** For who runs the installation: outside of every organisation, by a platform key that this tab alone holds. */
export const operatorRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/operator",
    validateSearch: (s: Record<string, unknown>): OperatorSearch => ({ tab: s.tab === "keys" || s.tab === "payments" || s.tab === "flags" ? s.tab : undefined, q: typeof s.q === "string" && s.q ? s.q : undefined }),
    component: lazyRouteComponent(() => import("./page"), "OperatorPage"),
  }),
];
