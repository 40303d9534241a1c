import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { useNow } from "@/app/clock";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatAbsolute, formatTime } from "@/words/format";
import { hoursOptions, type Meeting } from "./queries";
import { instantOf, minutesOf, openDays, wallOf } from "./slots";

const two = (n: number) => String(n).padStart(2, "0");

/** Gives a meeting another time, and says who is told. */
export function Move({ meeting, all, onClose }: { meeting: Meeting; all: Meeting[]; onClose: () => void }) {
  const { org } = useSession();
  const now = useNow();
  const m = w.meetings;
  const name = meeting.guest?.name ?? m.erased;
  const was = wallOf(Date.parse(meeting.starts_at), zone());
  const [day, setDay] = useState(`${was.y}-${two(was.m)}-${two(was.d)}`);
  const [time, setTime] = useState(`${two(Math.floor(was.minutes / 60))}:${two(was.minutes % 60)}`);
  const [problem, setProblem] = useState<ProblemError>();
  const hours = useQuery(hoursOptions(org));
  const organization = useQuery(organizationOptions(org));
  const [y, mo, d] = day.split("-").map(Number);
  const at = y && mo && d && time ? new Date(instantOf(y, mo, d, minutesOf(time), zone())) : undefined;
  const length = Date.parse(meeting.ends_at) - Date.parse(meeting.starts_at);
  const taken = (t: Date) => all.some((x) => x.id !== meeting.id && x.status === "booked" && Date.parse(x.starts_at) < t.getTime() + length && Date.parse(x.ends_at) > t.getTime());
  const home = hours.data?.time_zone || organization.data?.time_zone || "UTC";
  const free = hours.data
    ? openDays({ ...hours.data, windows: hours.data.windows ?? [], notice_minutes: 0 }, home, now, 366)
        .flatMap((x) => x.slots)
        .filter((s) => !taken(s) && sameDay(s, day))
    : [];
  const same = at?.getTime() === Date.parse(meeting.starts_at);
  const why = !at || same || at <= now ? m.chooseTime : taken(at) ? m.moveTaken : undefined;
  const run = useWrite({
    run: (starts_at: string, header) => must(api.POST("/v1/meetings/{id}/reschedule", { params: { path: { id: meeting.id }, header }, body: { starts_at } })),
    stale: () => [
      [org, "meetings"],
      [org, "leads"],
    ],
    done: () => {
      toast.say(m.moved(name));
      onClose();
    },
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={m.moveTitle(name)}
      about={m.moveAbout(formatAbsolute(new Date(meeting.starts_at), zone()), name)}
      footer={
        <>
          <Button onClick={onClose}>{w.inbox.cancel}</Button>
          <Button look="primary" busy={run.isPending} why={why} onClick={() => at && run.mutate(at.toISOString())}>
            {m.moveButton(name)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-4">
          <TextField type="date" label={m.moveDay} value={day} onChange={(e) => setDay(e.target.value)} />
          <TextField type="time" label={m.moveTime} value={time} onChange={(e) => setTime(e.target.value)} error={at && !same && taken(at) ? m.moveTaken : undefined} />
        </div>
        {at && meeting.time_zone && meeting.time_zone !== zone() && <p className="text-text-2">{m.moveTheirs(formatAbsolute(at, meeting.time_zone))}</p>}
        {hours.data && (
          <div>
            <p className="text-table font-medium text-text-2">{m.moveFree}</p>
            {free.length === 0 ? (
              <p className="mt-1 text-meta text-text-3">{m.moveNoFree}</p>
            ) : (
              <ul className="mt-1.5 flex flex-wrap gap-1.5">
                {free.map((s) => {
                  const local = wallOf(s.getTime(), zone());
                  const on = s.getTime() === at?.getTime();
                  return (
                    <li key={s.toISOString()}>
                      <button
                        type="button"
                        aria-pressed={on}
                        onClick={() => setTime(`${two(Math.floor(local.minutes / 60))}:${two(local.minutes % 60)}`)}
                        className={cx("min-h-7 rounded-control border px-2 text-table pointer-coarse:min-h-11", on ? "border-accent bg-accent-soft text-accent-text" : "border-control hover:bg-surface-1")}
                      >
                        {formatTime(s, zone())}
                      </button>
                    </li>
                  );
                })}
              </ul>
            )}
          </div>
        )}
        {problem && <ProblemNote error={problem} />}
      </div>
    </Modal>
  );
}

function sameDay(at: Date, day: string): boolean {
  const w = wallOf(at.getTime(), zone());
  return `${w.y}-${two(w.m)}-${two(w.d)}` === day;
}
