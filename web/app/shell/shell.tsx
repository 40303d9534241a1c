import { Outlet, useNavigate, useRouteContext } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { meOptions } from "@/api/me";
import { usePreferences } from "@/app/preferences";
import { NoPastHere } from "@/app/past-note";
import { setZone } from "@/app/zone";
import { SessionContext, type Session } from "@/app/session";
import { useShortcuts } from "@/keys/registry";
import { followLive } from "@/live/live";
import { loadEarly, loadPart } from "@/ui/load-part";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { organizationOptions } from "./queries";
import { Rail, usePlaces } from "./rail";
import { Strip } from "./strip";
import { TopBar } from "./top-bar";

const Palette = lazy(() => loadPart(() => import("./palette")));
const KeysHelp = lazy(() => loadPart(() => import("./keys-help")));
const Peek = lazy(() => loadPart(() => import("./peek")));

/** What stands around every page of an organisation. */
export function OrganizationShell() {
  const { session } = useRouteContext({ strict: false }) as { session: Session };
  const me = useQuery({ ...meOptions(session.org), initialData: session.me });
  const value = useMemo(() => ({ ...session, me: me.data }), [session, me.data]);
  useEffect(() => {
    const ends = new AbortController();
    if (session.me.permissions.includes("audit:read")) followLive(session.org, ends.signal);
    return () => ends.abort();
  }, [session.org]);
  return (
    <SessionContext.Provider value={value}>
      <Frame key={session.org} />
    </SessionContext.Provider>
  );
}

function Frame() {
  const [open, setOpen] = useState<"palette" | "keys" | "">("");
  const go = useNavigate();
  const places = usePlaces();
  const session = useRouteContext({ strict: false }) as { session: Session };
  const { slug, org } = session.session;
  const organization = useQuery(organizationOptions(org));
  usePreferences();
  useEffect(() => {
    const t = setTimeout(() => loadEarly(() => import("./palette")), 4000); // so that it is there when it is asked for
    return () => clearTimeout(t);
  }, []);
  useEffect(() => setZone(organization.data?.time_zone), [organization.data?.time_zone]);
  useShortcuts([
    { keys: "mod+k", label: w.shell.search, group: w.shell.product, run: () => setOpen("palette") },
    { keys: "/", label: w.shell.search, group: w.shell.product, run: () => setOpen("palette") },
    { keys: "?", label: w.shell.keys, group: w.shell.product, run: () => setOpen("keys"), palette: true },
    { keys: "mod+z", label: w.shell.undo, group: w.shell.product, run: () => void toast.undoLast() },
    ...places.map((p) => ({ keys: "g " + p.key, label: p.label, group: w.shell.places, run: () => void go({ to: `/o/${slug}${p.path}` as "/" }) })),
  ]);
  return (
    <div className="flex h-dvh flex-col">
      <a href="#content" className="absolute -top-20 left-2 z-50 rounded-control bg-accent px-3 py-2 text-on-accent focus:top-2">
        {w.shell.skip}
      </a>
      <Strip />
      <TopBar onSearch={() => setOpen("palette")} onKeys={() => setOpen("keys")} />
      <div className="flex min-h-0 flex-1 max-sm:pb-14">
        <Rail />
        <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          <NoPastHere />
          <Outlet />
        </main>
        <Suspense>
          <Peek />
        </Suspense>
      </div>
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen("")} />}
        {open === "keys" && <KeysHelp onClose={() => setOpen("")} />}
      </Suspense>
    </div>
  );
}
