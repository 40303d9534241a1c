import { Link } from "@tanstack/react-router";
import { BarChart3, CalendarDays, History, Home, Inbox, Mailbox, PanelLeftClose, PanelLeftOpen, Send, Settings, Users, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { w } from "@/words";

export type Place = { path: string; key: string; label: string; icon: LucideIcon; permission?: string; phone?: boolean };

/** All places, in the order of the rail; `path` follows /o/{slug}. */
export const railPlaces: Place[] = [
  { path: "", key: "t", label: w.shell.today, icon: Home, phone: true },
  { path: "/inbox", key: "i", label: w.shell.inbox, icon: Inbox, permission: "messages:read", phone: true },
  { path: "/leads", key: "l", label: w.shell.leads, icon: Users, permission: "leads:read", phone: true },
  { path: "/campaigns", key: "c", label: w.shell.campaigns, icon: Send, permission: "campaigns:read", phone: true },
  { path: "/mailboxes", key: "m", label: w.shell.mailboxes, icon: Mailbox, permission: "mailboxes:read" },
  { path: "/meetings", key: "b", label: w.shell.meetings, icon: CalendarDays, permission: "messages:read" },
  { path: "/analytics", key: "a", label: w.shell.analytics, icon: BarChart3, permission: "analytics:read" },
  { path: "/history", key: "h", label: w.shell.history, icon: History, permission: "audit:read" },
  { path: "/settings", key: "s", label: w.shell.settings, icon: Settings, phone: true },
];

export function usePlaces() {
  const { me } = useSession();
  return railPlaces.filter((p) => !p.permission || me.permissions.includes(p.permission));
}

const foldKey = "outrider.rail-folded";

export function Rail({ counts }: { counts?: Record<string, number> }) {
  const { slug } = useSession();
  const places = usePlaces();
  const [folded, setFolded] = useState(localStorage.getItem(foldKey) === "1");
  const fold = () => {
    localStorage.setItem(foldKey, folded ? "0" : "1");
    setFolded(!folded);
  };
  return (
    <>
      <nav aria-label={w.shell.places} className={cx("hidden shrink-0 flex-col border-r bg-surface-1 py-2 sm:flex", folded ? "w-13" : "w-52")}>
        {places.map((p) => (
          <Item key={p.path} place={p} slug={slug} folded={folded} count={counts?.[p.path]} />
        ))}
        <button type="button" onClick={fold} className="mx-2 mt-auto flex h-8 items-center gap-2.5 rounded-control px-2.5 text-table text-text-3 hover:bg-surface-2" aria-label={folded ? w.shell.unfold : w.shell.fold}>
          {folded ? <PanelLeftOpen size={16} aria-hidden /> : <PanelLeftClose size={16} aria-hidden />}
          {!folded && w.shell.fold}
        </button>
      </nav>
      <nav aria-label={w.shell.places} className="fixed inset-x-0 bottom-0 z-20 flex border-t bg-surface-1 sm:hidden">
        {places
          .filter((p) => p.phone)
          .map((p) => (
            <Link key={p.path} to={`/o/${slug}${p.path}` as "/"} activeOptions={{ exact: p.path === "" }} className="flex h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-meta text-text-2 data-[status=active]:text-accent-text">
              <p.icon size={18} aria-hidden />
              <span className="max-w-full truncate">{p.label}</span>
            </Link>
          ))}
      </nav>
    </>
  );
}

function Item({ place, slug, folded, count }: { place: Place; slug: string; folded: boolean; count?: number }) {
  return (
    <Link
      to={`/o/${slug}${place.path}` as "/"}
      activeOptions={{ exact: place.path === "", includeSearch: false }}
      title={folded ? place.label : undefined}
      className="mx-2 flex h-8 items-center gap-2.5 rounded-control px-2.5 text-body text-text-2 hover:bg-surface-2 hover:text-text-1 data-[status=active]:bg-surface-2 data-[status=active]:font-medium data-[status=active]:text-text-1"
    >
      <place.icon size={16} aria-hidden className="shrink-0" />
      <span className={cx("flex-1 truncate", folded && "sr-only")}>{place.label}</span>
      {!!count && <span className={cx("text-meta text-text-3", folded && "sr-only")}>{count}</span>}
    </Link>
  );
}
