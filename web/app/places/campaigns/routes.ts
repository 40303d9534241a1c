import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { campaignSearch, listSearch, tabs } from "./search";

export const campaignsRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/campaigns", validateSearch: listSearch, component: lazyRouteComponent(() => import("./list"), "CampaignsPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/campaigns/new", component: lazyRouteComponent(() => import("./new"), "NewCampaignPage") }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/campaigns/$id",
    beforeLoad: ({ params }) => {
      throw redirect({ to: "/o/$slug/campaigns/$id/$tab" as "/", params: { ...params, tab: "overview" } as never, search: true as never, replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => orgRoute,
    path: "/campaigns/$id/$tab",
    validateSearch: campaignSearch,
    beforeLoad: ({ params }) => {
      if (!tabs.includes(params.tab as never)) throw redirect({ to: "/o/$slug/campaigns/$id/$tab" as "/", params: { ...params, tab: "overview" } as never, replace: true });
    },
    component: lazyRouteComponent(() => import("./campaign"), "CampaignPage"),
  }),
];
