import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { metrics, parts, periods, type Metric, type Part, type PeriodName } from "./model";

export type AnalyticsSearch = { metric?: Metric; by?: Part; campaign?: string; period?: PeriodName; to?: string };

const oneOf = <T extends string>(list: readonly T[], x: unknown) => (list.includes(x as T) ? (x as T) : undefined);

export const analyticsRoutes = [
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics",
    validateSearch: (s: Record<string, unknown>): AnalyticsSearch => ({
      metric: oneOf(metrics, s.metric),
      by: oneOf(parts, s.by),
      campaign: typeof s.campaign === "string" ? s.campaign : undefined,
      period: oneOf(Object.keys(periods) as PeriodName[], s.period),
      to: typeof s.to === "string" && /^\d{4}-\d{2}-\d{2}$/.test(s.to) ? s.to : undefined,
    }),
    component: lazyRouteComponent(() => import("./page"), "AnalyticsPage"),
  }),
];
