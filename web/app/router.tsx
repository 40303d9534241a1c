import { createRouter } from "@tanstack/react-router";
import { onSignedOut } from "@/api/client";
import { places } from "./places";
import { queries } from "./query";
import { operatorRoutes } from "./places/operator/routes";
import { orgRoute, outside, rootRoute } from "./routes";

const tree = rootRoute.addChildren([...outside, ...operatorRoutes, orgRoute.addChildren(places)]);

export const router = createRouter({ routeTree: tree, defaultPreload: "intent", defaultPreloadStaleTime: 0, scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

onSignedOut(() => {
  queries.clear();
  if (!location.pathname.startsWith("/signin")) void router.navigate({ to: "/signin", search: { next: location.pathname + location.search } });
});
