import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";
import { readInboxSearch } from "./scopes";

const page = lazyRouteComponent(() => loadPart(() => import("./page")), "InboxPage");
const options = { getParentRoute: () => orgRoute, validateSearch: readInboxSearch, component: page };

export const inboxRoutes = [createRoute({ ...options, path: "/inbox" }), createRoute({ ...options, path: "/inbox/$scope" }), createRoute({ ...options, path: "/inbox/$scope/$thread" })];
