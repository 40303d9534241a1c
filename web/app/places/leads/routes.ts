import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { loadPart } from "@/ui/load-part";
import { readLeadsSearch } from "./filters";

export const leadsRoute = createRoute({ getParentRoute: () => orgRoute, path: "/leads", validateSearch: readLeadsSearch, component: lazyRouteComponent(() => loadPart(() => import("./list")), "LeadsPage") });
export const leadRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/leads/$id",
  validateSearch: (s: Record<string, unknown>): { events?: "all" } => ({ events: s.events === "all" ? "all" : undefined }),
  component: lazyRouteComponent(() => loadPart(() => import("./lead")), "LeadPage"),
});

export const companiesRoute = createRoute({ getParentRoute: () => orgRoute, path: "/companies", component: lazyRouteComponent(() => loadPart(() => import("./companies")), "CompaniesPage") });
export const companyRoute = createRoute({ getParentRoute: () => orgRoute, path: "/companies/$id", component: lazyRouteComponent(() => loadPart(() => import("./company")), "CompanyPage") });

export const leadsRoutes = [leadsRoute, leadRoute, companiesRoute, companyRoute];
