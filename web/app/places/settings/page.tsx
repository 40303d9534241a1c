import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Search } from "lucide-react";
import { lazy, Suspense, type ComponentType } from "react";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { NotFound } from "@/app/crashed";
import { cx } from "@/ui/cx";
import { loadPart } from "@/ui/load-part";
import { SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import type { SettingsSearch } from "./routes";
import { findSettings, sections, visibleSections } from "./sections";

const bodies: Record<string, ComponentType> = {
  profile: lazy(() => loadPart(() => import("./profile"))),
  security: lazy(() => loadPart(() => import("./security"))),
  notifications: lazy(() => loadPart(() => import("./notifications"))),
  organization: lazy(() => loadPart(() => import("./organization"))),
  people: lazy(() => loadPart(() => import("./people"))),
  roles: lazy(() => loadPart(() => import("./roles"))),
  usage: lazy(() => loadPart(() => import("./usage"))),
  billing: lazy(() => loadPart(() => import("./billing"))),
  claims: lazy(() => loadPart(() => import("./claims"))),
  snippets: lazy(() => loadPart(() => import("./snippets"))),
  scores: lazy(() => loadPart(() => import("./scores"))),
  suppressions: lazy(() => loadPart(() => import("./suppressions"))),
  privacy: lazy(() => loadPart(() => import("./privacy"))),
  keys: lazy(() => loadPart(() => import("./keys"))),
  webhooks: lazy(() => loadPart(() => import("./webhooks"))),
  integrations: lazy(() => loadPart(() => import("./integrations"))),
  ai: lazy(() => loadPart(() => import("./ai"))),
  research: lazy(() => loadPart(() => import("./research"))),
};

/** All settings: one search over them, one section at a time. On a phone the list of sections is a page of its own. */
export function SettingsPage() {
  const { section: named } = useParams({ strict: false }) as { section?: string };
  const { me, slug } = useSession();
  const id = named ?? "profile";
  const section = sections.find((s) => s.id === id);
  const Body = bodies[id];
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <Sections current={named ?? ""} shown={id} className={cx("w-56 shrink-0 overflow-auto border-r max-sm:w-full max-sm:border-0", named && "max-sm:hidden")} permissions={me.permissions} slug={slug} />
      <div className={cx("flex min-h-0 min-w-0 flex-1 flex-col", !named && "max-sm:hidden")}>
        <Link to={`/o/${slug}/settings` as "/"} className="flex min-h-9 items-center gap-1.5 px-4 text-table text-text-2 sm:hidden">
          <ArrowLeft size={14} aria-hidden /> {w.shell.settings}
        </Link>
        {section && Body ? (
          <Page title={section.label} about={w.settings.about[id]} fill={id === "suppressions"} key={id}>
            <Suspense fallback={<SkeletonRows rows={5} />}>{section.permission ? <Needs permission={section.permission}>{<Body />}</Needs> : <Body />}</Suspense>
          </Page>
        ) : (
          <NotFound />
        )}
      </div>
    </div>
  );
}

function Sections({ current, shown, className, permissions, slug }: { current: string; shown: string; className: string; permissions: readonly string[]; slug: string }) {
  const { q = "" } = useSearch({ strict: false }) as SettingsSearch;
  const go = useNavigate();
  const change = useChangeSearch();
  const found = findSettings(q, permissions);
  const visible = visibleSections(permissions);
  const to = (id: string) => `/o/${slug}/settings/${id}` as "/";
  return (
    <nav aria-label={w.shell.settings} className={className}>
      {!current && <h1 className="px-4 pt-4 text-page font-semibold sm:hidden">{w.shell.settings}</h1>}
      <form
        role="search"
        className="sticky top-0 bg-surface-0 px-3 pt-4 pb-3"
        onSubmit={(e) => {
          e.preventDefault();
          if (found[0]) void go({ to: to(found[0].section.id), search: {} });
        }}
      >
        <label className="flex h-8 items-center gap-2 rounded-control border border-control px-2 text-text-3 focus-within:outline-2 focus-within:outline-(--accent)">
          <Search size={14} aria-hidden />
          <span className="sr-only">{w.settings.search}</span>
          <input
            type="search"
            value={q}
            placeholder={w.settings.search}
            onChange={(e) => change({ q: e.target.value || undefined }, true)}
            className="w-full min-w-0 bg-transparent text-table text-text-1 outline-none"
          />
        </label>
        <p role="status" className="sr-only">
          {q && w.settings.found(found.length)}
        </p>
      </form>
      {q ? (
        <ul className="px-2 pb-4">
          {found.map((f) => (
            <li key={f.section.id + f.entry}>
              <Link to={to(f.section.id)} search={{ q } as never} className="block rounded-control px-2.5 py-1.5 hover:bg-surface-2">
                <span className="block text-body">{f.entry}</span>
                <span className="block text-meta text-text-3">{f.section.label}</span>
              </Link>
            </li>
          ))}
          {found.length === 0 && <li className="px-2.5 py-2 text-table text-text-2">{w.states.noMatch(`“${q}”`)}</li>}
        </ul>
      ) : (
        Object.values(w.settings.groups).map((g) => {
          const list = visible.filter((s) => s.group === g);
          return list.length === 0 ? null : (
            <div key={g} className="px-2 pb-4">
              <h2 className="px-2.5 pb-1 text-meta text-text-3">{g}</h2>
              {list.map((s) => (
                <Link
                  key={s.id}
                  to={to(s.id)}
                  aria-current={(current || shown) === s.id ? "page" : undefined}
                  className={cx("flex h-8 items-center rounded-control px-2.5 text-body text-text-2 hover:bg-surface-2 hover:text-text-1 pointer-coarse:h-11", (current || shown) === s.id && "bg-surface-2 font-medium text-text-1! max-sm:bg-transparent")}
                >
                  {s.label}
                </Link>
              ))}
            </div>
          );
        })
      )}
    </nav>
  );
}
