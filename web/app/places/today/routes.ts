import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";

export const todayRoutes = [createRoute({ getParentRoute: () => orgRoute, path: "/", component: lazyRouteComponent(() => import("./page"), "TodayPage") })];
