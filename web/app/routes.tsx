import { createRootRoute, createRoute, lazyRouteComponent, Outlet, redirect, retainSearchParams } from "@tanstack/react-router";
import { meOptions, organizationsOf, type Me } from "@/api/me";
import { setOrganization } from "@/api/organization";
import { ProblemError } from "@/api/problem";
import { loadPart } from "@/ui/load-part";
import { Crashed, NotFound } from "./crashed";
import { queries } from "./query";
import { organizationOptions } from "./shell/queries";
import { setZone } from "./zone";

export const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Crashed });

async function signedIn(path: string): Promise<Me> {
  try {
    return await queries.fetchQuery({ ...meOptions(), retry: (n, e) => n < 60 && e instanceof ProblemError && e.code !== "starting" && (e.status === 503 || e.status === 0), retryDelay: 500 });
  } catch (err) {
    if (err instanceof ProblemError && err.status === 401) throw redirect({ to: "/signin", search: { next: path === "/" ? undefined : path } });
    if (err instanceof ProblemError && err.code === "starting") throw redirect({ to: "/start", search: { next: path === "/" ? undefined : path } });
    throw err;
  }
}

// What everything within an organisation stands on: who asks, and which organisation the URL means. What is looked at (peek) and the instant
// (at) are in the URL everywhere.
export const orgRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/o/$slug",
  validateSearch: (s: Record<string, unknown>): { peek?: string; at?: string } => ({
    peek: typeof s.peek === "string" ? s.peek : undefined,
    at: typeof s.at === "string" && !Number.isNaN(Date.parse(s.at)) ? s.at : undefined,
  }),
  beforeLoad: async ({ params, location }) => {
    const me = await signedIn(location.href);
    const o = organizationsOf(me).find((x) => x.slug === params.slug || x.id === params.slug);
    if (!o) throw redirect({ to: "/" });
    setOrganization(o.id);
    // Together, as times are shown in the organisation's zone from the first moment on.
    const [here] = await Promise.all([
      queries.fetchQuery(meOptions(o.id)),
      queries.ensureQueryData(organizationOptions(o.id)).then(
        (x) => setZone(x.time_zone),
        () => setZone(undefined),
      ),
    ]);
    return { session: { me: here, org: o.id, slug: o.slug, organizationName: o.name } };
  },
  search: { middlewares: [retainSearchParams(["at"])] }, // who looks at the past stays there until they go back
  component: lazyRouteComponent(() => loadPart(() => import("./shell/shell")), "OrganizationShell"),
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: async ({ location }) => {
    setOrganization("");
    const me = await signedIn(location.href);
    const list = organizationsOf(me);
    const o = list.find((x) => x.id === me.organization_id) ?? list[0];
    if (o) throw redirect({ to: "/o/$slug", params: { slug: o.slug } });
    throw redirect({ to: "/nowhere" });
  },
});

const sign = <P extends string>(path: P, name: "SignIn" | "SignUp" | "Forgot" | "Reset" | "VerifyEmail" | "Invitation" | "Start" | "Nowhere") =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    validateSearch: (s: Record<string, unknown>): { next?: string } => ({ next: typeof s.next === "string" && /^\/(?!\/)/.test(s.next) ? s.next : undefined }),
    component: lazyRouteComponent(() => loadPart(() => import("./sign-in/pages")), name),
  });

export const outside = [home, sign("/signin", "SignIn"), sign("/signup", "SignUp"), sign("/forgot", "Forgot"), sign("/reset", "Reset"), sign("/verify", "VerifyEmail"), sign("/invite", "Invitation"), sign("/start", "Start"), sign("/nowhere", "Nowhere")];
