import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { CircleHelp, Search, UserRound } from "lucide-react";
import { api, must } from "@/api/client";
import { organizationsOf } from "@/api/me";
import { queries } from "@/app/query";
import { useSession } from "@/app/session";
import { setPreferences } from "@/app/preferences";
import { chosenTheme, type Theme } from "@/app/theme";
import { showKeys } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { Menu, type MenuEntry } from "@/ui/overlay";
import { w } from "@/words";
import { lazy, Suspense } from "react";
import { LiveMark } from "./live-mark";
import { TimeMachine } from "./time-machine";

const Notifications = lazy(() => loadPart(() => import("./bell")));

/** Path, search, time, live state, person. */
export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const { me, slug, org, organizationName } = useSession();
  const go = useNavigate();
  const signOut = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/sign-out")),
    onSettled: () => {
      queries.clear();
      void go({ to: "/signin", search: {} });
    },
  });
  const others = organizationsOf(me).filter((o) => o.id !== org);
  const theme = (t: Theme, label: string): MenuEntry => ({ label: (chosenTheme() === t ? "✓ " : "") + label, onSelect: () => void setPreferences({ theme: t }) });
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b bg-surface-0 px-3">
      <Link to="/o/$slug" params={{ slug }} search={{}} className="flex min-w-0 items-center gap-2 font-semibold">
        <img src="/icon.svg" alt="" width={20} height={20} />
        <span className="truncate">{organizationName}</span>
      </Link>
      <button
        type="button"
        onClick={onSearch}
        className="ml-auto flex h-8 w-72 min-w-8 items-center gap-2 rounded-control border border-control px-2.5 text-table text-text-3 hover:bg-surface-1 max-sm:w-9"
        aria-label={w.shell.search}
      >
        <Search size={14} aria-hidden className="shrink-0" />
        <span className="flex-1 truncate text-left max-sm:hidden">{w.shell.search}</span>
        <kbd className="text-meta max-sm:hidden">{showKeys("mod+k")}</kbd>
      </button>
      <TimeMachine />
      <LiveMark />
      <Suspense>
        <Notifications />
      </Suspense>
      <IconButton label={w.shell.keys} onClick={onKeys} className="max-sm:hidden">
        <CircleHelp size={16} aria-hidden />
      </IconButton>
      <Menu
        trigger={
          <IconButton label={w.shell.person}>
            <UserRound size={16} aria-hidden />
          </IconButton>
        }
        entries={[
          { label: [me.first_name, me.last_name].filter(Boolean).join(" ") || me.email || w.shell.person, hint: me.email, onSelect: () => void go({ to: `/o/${slug}/settings/profile` as "/" }) },
          "line",
          ...others.map((o): MenuEntry => ({ label: o.name, onSelect: () => void go({ to: "/o/$slug", params: { slug: o.slug }, search: {} }) })),
          ...(others.length ? (["line"] as const) : []),
          theme("light", w.shell.light),
          theme("dark", w.shell.dark),
          theme("system", w.shell.system),
          "line",
          { label: w.shell.keys, keys: "?", onSelect: onKeys },
          { label: w.shell.signOut, onSelect: () => signOut.mutate() },
        ]}
      />
    </header>
  );
}
