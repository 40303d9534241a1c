import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";
import { dimensions, metrics, periods, type Dimension, type Filter, type PeriodName, type Shown, type Unit } from "./model";

export const views = ["figures", "funnel", "cohorts", "times"] as const;
export type View = (typeof views)[number];

export type AnalyticsSearch = { view?: View; metric?: Shown; by?: Dimension; by2?: Dimension; where?: Filter; unit?: Unit; period?: PeriodName; from?: string; to?: string; compare?: boolean };
export type ListSearch = { metric?: string; stage?: string; unit?: Unit; from?: string; to?: string; zone?: string; campaign?: string; where?: Filter };

export type ReportsSearch = { report?: string };

const oneOf = <T extends string>(list: readonly T[], x: unknown) => (list.includes(x as T) ? (x as T) : undefined);
const day = (x: unknown) => (typeof x === "string" && /^\d{4}-\d{2}-\d{2}$/.test(x) ? x : undefined);
const text = (x: unknown) => (typeof x === "string" && x ? x.slice(0, 200) : undefined);
const units = ["message", "person"] as const;

/** Names of dimensions with their keys; anything else is left out. */
function filter(x: unknown): Filter | undefined {
  if (!x || typeof x !== "object") return undefined;
  const out: Record<string, string[]> = {};
  for (const [name, keys] of Object.entries(x)) if (Array.isArray(keys) && keys.length && keys.every((k) => typeof k === "string" || typeof k === "number")) out[name] = keys.map(String);
  return Object.keys(out).length ? (out as Filter) : undefined;
}

export const analyticsRoutes = [
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics",
    validateSearch: (s: Record<string, unknown>): AnalyticsSearch => ({
      view: oneOf(views, s.view),
      metric: oneOf(metrics, s.metric),
      by: oneOf(dimensions, s.by),
      by2: oneOf(dimensions, s.by2),
      where: filter(s.where) ?? (text(s.campaign) ? { campaign: [text(s.campaign)!] } : undefined), // as older links say it
      unit: oneOf(units, s.unit),
      period: oneOf(Object.keys(periods) as PeriodName[], s.period),
      from: day(s.from),
      to: day(s.to),
      compare: s.compare === true || s.compare === "true" ? true : undefined,
    }),
    component: lazyRouteComponent(() => loadPart(() => import("./page")), "AnalyticsPage"),
  }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics/list",
    validateSearch: (s: Record<string, unknown>): ListSearch => ({ metric: text(s.metric), stage: text(s.stage), unit: oneOf(units, s.unit), from: day(s.from), to: day(s.to), zone: text(s.zone), campaign: text(s.campaign), where: filter(s.where) }),
    component: lazyRouteComponent(() => loadPart(() => import("./list")), "CountedPage"),
  }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics/reports",
    validateSearch: (s: Record<string, unknown>): ReportsSearch => ({ report: text(s.report) }),
    component: lazyRouteComponent(() => loadPart(() => import("./reports")), "ReportsPage"),
  }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/analytics/corrections",
    validateSearch: (s: Record<string, unknown>): ListSearch => ({ from: day(s.from), to: day(s.to), campaign: text(s.campaign) }),
    component: lazyRouteComponent(() => loadPart(() => import("./corrections")), "CorrectionsPage"),
  }),
];
