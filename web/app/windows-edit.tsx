import { Plus, X } from "lucide-react";
import type { Schemas } from "@/api/client";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { pacing as p } from "@/words/en/pacing";

type Window = Schemas["Window"];

/** Several stretches of time, each with its days. */
export function WindowsEdit({ label, about, windows, onChange, may }: { label: string; about: string; windows: Window[]; onChange: (w: Window[]) => void; may: boolean }) {
  const set = (i: number, change: Partial<Window>) => onChange(windows.map((x, n) => (n === i ? { ...x, ...change } : x)));
  return (
    <div role="group" aria-label={label} className="border-b py-3">
      <p className="font-medium">{label}</p>
      <p className="max-w-[72ch] text-table text-text-2">{about}</p>
      {windows.map((x, i) => (
        <div key={i} className="mt-2 flex flex-wrap items-end gap-3">
          <div className="flex flex-wrap gap-1">
            {p.dayLetters.map((d, n) => {
              const on = x.days.includes(n + 1);
              return (
                <button
                  key={d}
                  type="button"
                  disabled={!may}
                  aria-pressed={on}
                  aria-label={w.campaigns.dayNames[n]}
                  onClick={() => {
                    const days = on ? x.days.filter((y) => y !== n + 1) : [...x.days, n + 1].sort();
                    if (days.length > 0) set(i, { days });
                  }}
                  className={cx("h-8 w-9 rounded-control border text-table pointer-coarse:min-h-11", on ? "border-transparent bg-accent-soft font-medium text-accent-text" : "border-control text-text-2 hover:bg-surface-1")}
                >
                  {d}
                </button>
              );
            })}
          </div>
          <TextField type="time" label={w.campaigns.from} className="w-28" value={x.from} onChange={(e) => e.target.value && set(i, { from: e.target.value })} />
          <TextField type="time" label={w.campaigns.to} className="w-28" value={x.to === "24:00" ? "23:59" : x.to} onChange={(e) => e.target.value && set(i, { to: e.target.value })} />
          {may && (
            <IconButton label={p.removeWindow} onClick={() => onChange(windows.filter((_, n) => n !== i))}>
              <X size={16} aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {may && windows.length < 14 && (
        <div className="mt-2">
          <Button icon={<Plus size={16} aria-hidden />} onClick={() => onChange([...windows, { days: [1, 2, 3, 4, 5], from: "09:00", to: "12:00" }])}>
            {p.addWindow}
          </Button>
        </div>
      )}
    </div>
  );
}
