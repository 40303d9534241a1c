import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";

export type MeetingsSearch = { when?: "past" | "cancelled"; campaign?: string };

export const meetingsRoutes = [
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/meetings",
    validateSearch: (s: Record<string, unknown>): MeetingsSearch => ({
      when: s.when === "past" || s.when === "cancelled" ? s.when : undefined,
      campaign: typeof s.campaign === "string" ? s.campaign.slice(0, 40) : undefined,
    }),
    component: lazyRouteComponent(() => import("./list"), "MeetingsPage"),
  }),
  createRoute({ getParentRoute: () => orgRoute, path: "/meetings/page", component: lazyRouteComponent(() => import("./booking"), "BookingPage") }),
];
