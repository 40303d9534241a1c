import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";
import { campaignSearch, listSearch, tabs } from "./search";

export const campaignsRoutes = [
  createRoute({ getParentRoute: () => orgRoute, path: "/campaigns", validateSearch: listSearch, component: lazyRouteComponent(() => loadPart(() => import("./list")), "CampaignsPage") }),
  createRoute({ getParentRoute: () => orgRoute, path: "/campaigns/new", component: lazyRouteComponent(() => loadPart(() => import("./new")), "NewCampaignPage") }),
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
    component: lazyRouteComponent(() => loadPart(() => import("./campaign")), "CampaignPage"),
  }),
];
