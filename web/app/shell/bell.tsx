import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import { preferencesOptions, setPreferences } from "@/app/preferences";
import { PlaceLink } from "@/app/place-link";
import { sentence, subjectOf, type Entry } from "@/app/places/history/model";
import { useMay, useSession } from "@/app/session";
import { useLiveEvents } from "@/live/live";
import type { LiveEvent } from "@/live/events";
import { IconButton } from "@/ui/button";
import { Pop } from "@/ui/overlay";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { isFor, typesTold } from "./notification-kinds";
import { choicesOptions, toldOptions } from "./notification-queries";

const s = w.notifications;

/** What happened that somebody wants to be told of; the mark says that there is something new. */
export default function Notifications() {
  const { org, me } = useSession();
  const may = useMay("audit:read");
  const client = useQueryClient();
  const choices = useQuery({ ...choicesOptions(org), enabled: may, retry: false });
  const types = typesTold(choices.data);
  const told = useQuery({ ...toldOptions(org, types), enabled: may && !choices.isPending && types.length > 0 });
  const preferences = useQuery({ ...preferencesOptions(), retry: false });
  const seen = preferences.data?.notifications_seen?.[org];
  const list = (told.data ?? []).filter((e) => isFor(e, me.id, me.permissions)).slice(0, 20);
  const newest = list[0]?.oseq ?? 0;
  const unread = seen === undefined ? 0 : list.filter((e) => e.oseq > seen).length;
  const see = () => void (newest > (seen ?? -1) && setPreferences({ notifications_seen: { ...preferences.data?.notifications_seen, [org]: newest } }));
  useEffect(() => {
    if (preferences.data && told.data && seen === undefined) see(); // what was before somebody first came isn't news
  }, [preferences.data, told.data]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const wanted = useRef(types);
  wanted.current = types;
  useLiveEvents(
    useCallback(
      (e: LiveEvent) => {
        if (wanted.current.some((t) => e.type.startsWith(t)))
          timer.current ??= setTimeout(() => {
            timer.current = undefined;
            void client.invalidateQueries({ queryKey: [org, "notifications", "told"] });
          }, 1000);
      },
      [org],
    ),
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  if (!may) return null;
  return (
    <Pop
      label={s.title}
      onOpen={see}
      trigger={
        <IconButton label={s.unread(unread)} className="relative">
          <Bell size={16} aria-hidden />
          {unread > 0 && <span aria-hidden className="absolute top-1 right-1 size-2 rounded-full bg-accent ring-2 ring-surface-0" />}
        </IconButton>
      }
    >
      <div className="flex w-80 max-w-full flex-col gap-2">
        <div className="flex items-baseline justify-between gap-4">
          <h2 className="text-section font-semibold">{s.title}</h2>
          <PlaceLink to="/settings/notifications" className="text-table text-accent-text hover:underline">
            {s.choose}
          </PlaceLink>
        </div>
        {list.length === 0 ? <p className="py-2 text-text-2">{s.empty}</p> : <List list={list} seen={seen ?? newest} />}
      </div>
    </Pop>
  );
}

function List({ list, seen }: { list: Entry[]; seen: number }) {
  return (
    <ul>
      {list.map((e) => (
        <li key={e.oseq}>
          <PlaceLink to={pathOf(e)} className="-mx-2 flex flex-col rounded-control px-2 py-1.5 hover:bg-surface-1">
            <span className={e.oseq > seen ? "font-medium" : ""}>{sentence(e)}</span>
            <span className="flex justify-between gap-3 text-meta text-text-3">
              <span className="min-w-0 truncate">{e.about?.title}</span>
              <Time at={e.time} />
            </span>
          </PlaceLink>
        </li>
      ))}
    </ul>
  );
}

/** The page where something can be done about it. */
export function pathOf(e: Entry): string {
  const thread = e.data?.thread_id;
  if (e.type.startsWith("message.replied") || e.type.startsWith("thread.")) return typeof thread === "string" ? "/inbox/all/" + thread : "/inbox";
  if (e.type.startsWith("message.in_doubt")) return "/inbox/doubt";
  if (e.type.startsWith("meeting.")) return "/meetings";
  if (e.type.startsWith("import.")) return "/imports/" + e.subject;
  if (e.type.startsWith("quota.")) return "/settings/usage";
  return subjectOf(e).path ?? "/history/" + e.oseq;
}
