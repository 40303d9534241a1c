import { Copy, Plus, X } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import { daysOf, overlap, windowsOf, type Range } from "./slots";

type Window = Range & { days: number[] };

const usual: Range = { from: "09:00", to: "17:00" };

/** The hours of each day of the week: none, or some. */
export function WeekHours({ windows, onChange, may }: { windows: Window[]; onChange: (w: Window[]) => void; may: boolean }) {
  const [days, setDays] = useState(daysOf(windows)); // in the order in which they are typed
  const mine = JSON.stringify(windowsOf(days));
  useEffect(() => {
    if (JSON.stringify(windowsOf(daysOf(windows))) !== mine) setDays(daysOf(windows));
  }, [windows]);
  const m = w.meetings;
  const change = (next: Range[][]) => {
    setDays(next);
    onChange(windowsOf(next));
  };
  const set = (day: number, ranges: Range[]) => change(days.map((d, i) => (i === day ? ranges : d)));
  const last = days.findLast((d) => d.length > 0);
  const add = (day: number) => {
    const end = days[day]!.at(-1)?.to;
    if (!end) return set(day, last ?? [usual]);
    const from = Math.min(Number(end.slice(0, 2)) + 1, 22);
    set(day, [...days[day]!, { from: hour(from), to: hour(from + 1) }]);
  };
  return (
    <div role="group" aria-label={w.campaigns.weekdays}>
      {days.map((ranges, day) => {
        const name = w.campaigns.dayNames[day]!;
        return (
          <div key={name} className="flex flex-wrap items-start gap-x-3 gap-y-1.5 border-b py-1.5">
            <button
              type="button"
              disabled={!may}
              aria-pressed={ranges.length > 0}
              onClick={() => set(day, ranges.length > 0 ? [] : (last ?? [usual]))}
              className={cx("h-8 w-24 shrink-0 rounded-control border px-2 text-left text-table pointer-coarse:min-h-11", ranges.length > 0 ? "border-transparent bg-accent-soft font-medium text-accent-text" : "border-control text-text-2 hover:bg-surface-1")}
            >
              {name}
            </button>
            <div className="flex min-h-8 min-w-0 flex-1 flex-col justify-center gap-1.5 max-sm:order-last max-sm:basis-full">
              {ranges.length === 0 && <span className="text-table text-text-3">{m.closed}</span>}
              {ranges.map((r, i) => (
                <div key={i} className="flex flex-wrap items-center gap-1.5">
                  <Clock label={m.fromOn(name, i + 1)} value={r.from} onChange={(from) => set(day, ranges.map((x, j) => (j === i ? { ...x, from } : x)))} />
                  <span aria-hidden className="text-text-3">
                    –
                  </span>
                  <Clock label={m.toOn(name, i + 1)} value={r.to === "24:00" ? "23:59" : r.to} onChange={(to) => set(day, ranges.map((x, j) => (j === i ? { ...x, to } : x)))} />
                  {may && (
                    <IconButton size="small" label={m.removeHours(name, r.from)} onClick={() => set(day, ranges.filter((_, j) => j !== i))}>
                      <X size={14} aria-hidden />
                    </IconButton>
                  )}
                </div>
              ))}
              {overlap(ranges) && <p className="text-meta text-bad">{m.overlap}</p>}
            </div>
            {may && (
              <div className="ml-auto flex shrink-0">
                <IconButton size="small" label={m.addHours(name)} onClick={() => add(day)}>
                  <Plus size={15} aria-hidden />
                </IconButton>
                <IconButton size="small" label={m.copyHours(name)} className={ranges.length === 0 ? "invisible" : ""} onClick={() => change(days.map((d) => (d.length > 0 ? ranges : d)))}>
                  <Copy size={14} aria-hidden />
                </IconButton>
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}

const hour = (h: number) => String(h).padStart(2, "0") + ":00";

function Clock({ label, value, onChange }: { label: string; value: string; onChange: (v: string) => void }) {
  return (
    <input
      type="time"
      aria-label={label}
      value={value}
      onChange={(e) => e.target.value && onChange(e.target.value)}
      className="h-8 w-[7.75rem] max-sm:w-[6.75rem] max-sm:[&::-webkit-calendar-picker-indicator]:hidden rounded-control border border-control bg-surface-0 px-2 text-table disabled:bg-surface-1 disabled:text-text-3 pointer-coarse:min-h-11"
    />
  );
}
