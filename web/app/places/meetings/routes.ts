import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";

export type MeetingsSearch = { when?: "past" | "cancelled"; outcome?: "held" | "no_show" | "open"; campaign?: string };

export const meetingsRoutes = [
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/meetings",
    validateSearch: (s: Record<string, unknown>): MeetingsSearch => ({
      when: s.when === "past" || s.when === "cancelled" ? s.when : undefined,
      outcome: (["held", "no_show", "open"] as const).find((o) => o === s.outcome),
      campaign: typeof s.campaign === "string" ? s.campaign.slice(0, 40) : undefined,
    }),
    component: lazyRouteComponent(() => loadPart(() => import("./list")), "MeetingsPage"),
  }),
  createRoute({ getParentRoute: () => orgRoute, path: "/meetings/page", component: lazyRouteComponent(() => loadPart(() => import("./booking")), "BookingPage") }),
];
