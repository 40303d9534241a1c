import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pause, Play, X } from "lucide-react";
import { useState } from "react";
import { ProblemError } from "@/api/problem";
import { useMay, useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { useShortcuts } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { Tip } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { Promises } from "./promises";
import { clockOptions, isPlaying, setClock, type Clock, type ClockChange, type Milestone } from "./clock-query";

const speeds = [3600, 21_600, 0];
const day = 86_400_000;
const closedKey = "outrider.demo-note-closed";

/** Simulated time while a demonstration is played: when it is, how far, how fast, and what has happened for the first time. */
export default function TimeLapse() {
  const { org } = useSession();
  const clock = useQuery(clockOptions(org));
  const c = clock.data;
  if (!c?.simulated || !c.from || !c.to) return null;
  return <Strip clock={c} />;
}

function Strip({ clock }: { clock: Clock }) {
  const { org, slug } = useSession();
  const may = useMay("organization:manage");
  const client = useQueryClient();
  const [noteClosed, setNoteClosed] = useState(localStorage.getItem(closedKey) === "1");
  const set = useMutation({
    mutationFn: (body: ClockChange) => setClock(body),
    onSuccess: (c: Clock) => client.setQueryData(clockOptions(org).queryKey, c),
    onError: (e: unknown) => e instanceof ProblemError && toast.problem(e),
  });
  const playing = isPlaying(clock);
  const pause = () => may && set.mutate({ paused: !clock.paused });
  useShortcuts(may ? [{ keys: "shift+p", label: clock.paused ? w.timeLapse.play : w.timeLapse.pause, group: w.shell.product, run: pause, palette: true }] : []);
  const from = Date.parse(clock.from!);
  const to = Date.parse(clock.to!);
  const at = Math.min(Date.parse(clock.now), to);
  const days = Math.round((to - from) / day);
  const part = (t: number) => `${Math.max(0, Math.min(100, (100 * (t - from)) / (to - from)))}%`;
  const path = (m: Milestone) =>
    `/o/${slug}${m.kind === "first_answer" && m.thread_id ? "/inbox/all/" + m.thread_id : m.experiment_id ? "/analytics/experiments/" + m.experiment_id : m.meeting_id ? "/meetings" : m.lead_id ? "/leads/" + m.lead_id : "/history"}` as "/";
  return (
    <section aria-label={w.timeLapse.title} className="shrink-0 border-b bg-accent-soft text-table text-text-1">
      <div className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-1 px-3 py-1">
        {may && playing && (
          <IconButton size="small" label={clock.paused ? w.timeLapse.play : w.timeLapse.pause} onClick={pause} title={`${clock.paused ? w.timeLapse.play : w.timeLapse.pause} (Shift P)`}>
            {clock.paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
          </IconButton>
        )}
        <time dateTime={clock.now} className="font-medium whitespace-nowrap">
          {formatAbsolute(new Date(clock.now), zone())}
        </time>
        {playing ? (
          <>
            <div className="relative h-6 min-w-40 flex-1" role="group" aria-label={w.timeLapse.milestones}>
              <div className="absolute inset-x-0 top-2.5 h-1 overflow-hidden rounded-full bg-surface-0">
                <div className="h-full bg-accent" style={{ width: part(at) }} />
              </div>
              {clock.milestones.map((m) => {
                const says = `${w.timeLapse.milestone[m.kind] ?? m.kind}, ${formatAbsolute(new Date(m.at), zone())}`;
                return (
                  <Tip key={m.kind} text={says}>
                    <Link to={path(m)} aria-label={says} className="absolute top-0 flex h-6 w-6 -translate-x-1/2 items-center justify-center" style={{ left: part(Date.parse(m.at)) }}>
                      <span aria-hidden className="size-3 rounded-full border-2 border-accent bg-surface-0" />
                    </Link>
                  </Tip>
                );
              })}
            </div>
            <span className="whitespace-nowrap">{w.timeLapse.progress(Math.min(days, Math.floor((at - from) / day) + 1), days)}</span>
            {may && (
              <label className="flex items-center gap-2">
                <span className="sr-only">{w.timeLapse.speed}</span>
                <select value={clock.speed} onChange={(e) => set.mutate({ speed: Number(e.target.value) })} className="h-7 rounded-control border border-control bg-surface-0 px-1.5">
                  {[...new Set([...speeds, clock.speed])].map((s) => (
                    <option key={s} value={s}>
                      {w.timeLapse.speedOf(s)}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </>
        ) : (
          <Played clock={clock} slug={slug} path={path} />
        )}
      </div>
      {playing && !noteClosed && (
        <div className="flex items-center gap-3 border-t px-3 py-1">
          <p className="flex-1">{w.timeLapse.note}</p>
          <IconButton
            size="small"
            label={w.timeLapse.closeNote}
            onClick={() => {
              localStorage.setItem(closedKey, "1");
              setNoteClosed(true);
            }}
          >
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      )}
    </section>
  );
}

/** What there is to see once all days are played. */
function Played({ clock, slug, path }: { clock: Clock; slug: string; path: (m: Milestone) => "/" }) {
  const link = "font-medium text-accent-text underline-offset-2 hover:underline";
  return (
    <>
      <span className="max-sm:hidden">{w.timeLapse.played}</span>
      {clock.milestones.map((m) => (
        <Link key={m.kind} to={path(m)} className={link + " max-lg:hidden"}>
          {w.timeLapse.milestone[m.kind] ?? m.kind}
        </Link>
      ))}
      <Link to={`/o/${slug}` as "/"} search={{ at: clock.from } as never} className={link + " max-lg:hidden"}>
        {w.timeLapse.firstDay}
      </Link>
      {clock.findings && <Promises findings={clock.findings} className={link} />}
      <Link to="/signup" search={{}} className={link + " ml-auto"}>
        {w.timeLapse.own}
      </Link>
    </>
  );
}
