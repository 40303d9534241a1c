import { w } from "@/words";
import { cx } from "@/ui/cx";

type Window = { days: number[]; from: string; to: string };

export const minutesOf = (hhmm: string) => {
  const [h = 0, m = 0] = hhmm.split(":").map(Number);
  return h * 60 + m;
};

/** A week by the wall clock: the days are switched by pressing them; the bar shows the hours. */
export function WeekGrid({ window, onChange, disabled }: { window: Window; onChange: (w: Window) => void; disabled?: boolean }) {
  const from = minutesOf(window.from) / 14.4;
  const width = Math.max(0, minutesOf(window.to) / 14.4 - from);
  const toggle = (day: number) => {
    const days = window.days.includes(day) ? window.days.filter((d) => d !== day) : [...window.days, day].sort();
    if (days.length > 0) onChange({ ...window, days });
  };
  return (
    <div role="group" aria-label={w.campaigns.weekdays} className="flex flex-col">
      {w.campaigns.dayNames.map((name, i) => {
        const on = window.days.includes(i + 1);
        return (
          <div key={name} className="flex items-center gap-3 border-b py-1">
            <button
              type="button"
              disabled={disabled}
              aria-pressed={on}
              onClick={() => toggle(i + 1)}
              className={cx("h-7 w-24 shrink-0 rounded-control border px-2 text-left text-table pointer-coarse:min-h-11", on ? "border-transparent bg-accent-soft font-medium text-accent-text" : "border-control text-text-2 hover:bg-surface-1")}
            >
              {name}
            </button>
            <span aria-hidden className="relative h-4 min-w-0 flex-1 bg-surface-1">
              {on && <span className="absolute inset-y-0 bg-accent opacity-70" style={{ left: `${from}%`, width: `${width}%` }} />}
            </span>
          </div>
        );
      })}
      <div aria-hidden className="ml-27 flex justify-between pt-1 text-meta text-text-3">
        {[0, 6, 12, 18, 24].map((h) => (
          <span key={h}>{String(h).padStart(2, "0")}</span>
        ))}
      </div>
    </div>
  );
}
