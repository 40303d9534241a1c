import { useId } from "react";
import { pacing as p } from "@/words/en/pacing";

export type Caps = { per_day?: number; per_24h?: number; per_hour?: number };

/** Three limits in a line; empty is none. */
export function CapsRow({ label, caps, onChange }: { label: string; caps: Caps; onChange: (c: Caps) => void }) {
  const id = useId();
  const field = (key: keyof Caps, name: string) => (
    <label className="flex items-center gap-2 text-table text-text-2">
      <span className="w-20 sm:w-auto">{name}</span>
      <input
        type="number"
        inputMode="numeric"
        min={0}
        max={10_000_000}
        aria-label={`${label}: ${name}`}
        value={caps[key] || ""}
        onChange={(e) => onChange({ ...caps, [key]: e.target.value === "" ? undefined : Math.max(0, Math.min(10_000_000, Math.trunc(Number(e.target.value)))) })}
        className="h-8 w-22 rounded-control border border-control bg-surface-0 px-2 text-right text-text-1 disabled:bg-surface-1 disabled:text-text-3 pointer-coarse:min-h-11"
      />
    </label>
  );
  return (
    <div role="group" aria-labelledby={id} className="grid items-center gap-x-6 gap-y-2 border-b py-2.5 sm:grid-cols-[minmax(0,1fr)_auto]">
      <p id={id} className="font-medium">
        {label}
      </p>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {field("per_hour", p.perHour)}
        {field("per_day", p.perDay)}
        {field("per_24h", p.per24h)}
      </div>
    </div>
  );
}
