import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Section } from "@/app/page";
import { serverNow } from "@/app/clock";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { ProblemNote, Skeleton } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatDay, formatTime } from "@/words/format";
import { groupEvents, pathOfGroup, type Group } from "./feed";
import { linkTo } from "@/app/place-link";
import { newestOptions } from "./queries";

const marks: Record<string, string> = { sent: "bg-sent", people: "bg-accent", reply: "bg-good", click: "bg-click", meeting: "bg-meeting", bad: "bg-bad", plain: "bg-control" };

/** What happens, like events as one line. It stands still while it is pointed at or has the focus. */
export function LiveFeed() {
  const { org, slug } = useSession();
  const newest = useQuery(newestOptions(org));
  const now = useMemo(() => groupEvents(newest.data?.data ?? [], serverNow(), 14), [newest.data]);
  const [held, setHeld] = useState<Group[]>();
  const shown = held ?? now;
  return (
    <Section
      title={w.today.live}
      actions={
        <Link to={`/o/${slug}/history` as "/"} className="text-table text-accent-text hover:underline">
          {w.today.history}
        </Link>
      }
    >
      {newest.isError ? (
        <ProblemNote error={newest.error} onRetry={() => void newest.refetch()} />
      ) : !newest.data ? (
        <div className="flex flex-col gap-4 py-3">
          {[1, 2, 3, 4, 5, 6].map((n) => (
            <Skeleton key={n} className="w-56" />
          ))}
        </div>
      ) : shown.length === 0 ? (
        <p className="py-3 text-text-2">{w.today.liveEmpty}</p>
      ) : (
        <>
          <ol onPointerEnter={() => setHeld(now)} onPointerLeave={() => setHeld(undefined)} onFocus={() => setHeld((h) => h ?? now)} onBlur={() => setHeld(undefined)} className="py-1">
            {shown.map((g) => (
              <li key={`${g.type} ${g.first.oseq}`}>
                <Link {...linkTo(slug, pathOfGroup(g))} className="-mx-2 flex min-h-8 items-center gap-2.5 rounded-control px-2 text-table hover:bg-surface-1">
                  <span aria-hidden className={`size-2 shrink-0 rounded-full ${marks[g.kind.mark]}`} />
                  <span className="min-w-0 flex-1 truncate">{g.kind.say(g.count)}</span>
                  <span className="text-meta whitespace-nowrap text-text-3">
                    {g.count > 1 && formatDay(g.to, zone()) === formatDay(serverNow(), zone()) && formatTime(g.from, zone()) !== formatTime(g.to, zone()) ? `${formatTime(g.from, zone())}–${formatTime(g.to, zone())}` : <Time at={g.to} />}
                  </span>
                </Link>
              </li>
            ))}
          </ol>
          <p className="h-4 text-meta text-text-3">{held ? w.today.liveHeld : ""}</p>
        </>
      )}
    </Section>
  );
}
