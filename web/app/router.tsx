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

// Whoever follows a mailed link needn't be signed in: only what shows an organisation, or all of them, asks for it.
const needsSignIn = () => /^\/(o|operator)(\/|$)/.test(location.pathname);

onSignedOut(() => {
  if (!needsSignIn()) return;
  queries.clear();
  void router.navigate({ to: "/signin", search: { next: location.pathname + location.search } });
});
