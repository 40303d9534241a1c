import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { orgRoute } from "@/app/routes";
import { readLeadsSearch } from "./filters";

export const leadsRoute = createRoute({ getParentRoute: () => orgRoute, path: "/leads", validateSearch: readLeadsSearch, component: lazyRouteComponent(() => import("./list"), "LeadsPage") });
export const leadRoute = createRoute({
  getParentRoute: () => orgRoute,
  path: "/leads/$id",
  validateSearch: (s: Record<string, unknown>): { events?: "all" } => ({ events: s.events === "all" ? "all" : undefined }),
  component: lazyRouteComponent(() => import("./lead"), "LeadPage"),
});

export const companiesRoute = createRoute({ getParentRoute: () => orgRoute, path: "/companies", component: lazyRouteComponent(() => import("./companies"), "CompaniesPage") });
export const companyRoute = createRoute({ getParentRoute: () => orgRoute, path: "/companies/$id", component: lazyRouteComponent(() => import("./company"), "CompanyPage") });

export const leadsRoutes = [leadsRoute, leadRoute, companiesRoute, companyRoute];
