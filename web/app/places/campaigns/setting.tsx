import { useId } from "react";
import { w } from "@/words";

/** A number with what it changes and what it is by default. */
export function Amount({ label, about, unit, value, standard, min = 0, max, onChange }: { label: string; about: string; unit: string; value: number; standard: number; min?: number; max: number; onChange: (n: number) => void }) {
  const id = useId();
  return (
    <div className="grid items-center gap-x-6 gap-y-1 border-b py-2.5 sm:grid-cols-[minmax(0,1fr)_12rem]">
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <p id={id + "-h"} className="max-w-[72ch] text-table text-text-2">
          {about}
        </p>
      </div>
      <span className="flex flex-wrap items-center gap-2">
        <input
          id={id}
          aria-describedby={id + "-h"}
          type="number"
          inputMode="numeric"
          min={min}
          max={max}
          value={Number.isNaN(value) ? "" : value}
          onChange={(e) => onChange(e.target.value === "" ? standard : Math.max(min, Math.min(max, Math.trunc(Number(e.target.value)))))}
          className="h-8 w-20 rounded-control border border-control bg-surface-0 px-2 text-right disabled:bg-surface-1 disabled:text-text-3 pointer-coarse:min-h-11"
        />
        <span className="text-table text-text-2">{unit}</span>
        {value !== standard && <span className="w-full text-meta text-text-3">{w.campaigns.standard(String(standard))}</span>}
      </span>
    </div>
  );
}

/** On or off, with what it changes. */
export function Switch({ label, about, on, standard, onChange }: { label: string; about: string; on: boolean; standard: boolean; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="grid items-center gap-x-6 gap-y-1 border-b py-2.5 sm:grid-cols-[minmax(0,1fr)_12rem]">
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <p id={id + "-h"} className="max-w-[72ch] text-table text-text-2">
          {about}
        </p>
      </div>
      <span className="flex flex-wrap items-center gap-2">
        <input id={id} type="checkbox" role="switch" checked={on} aria-describedby={id + "-h"} onChange={(e) => onChange(e.target.checked)} className="size-5 accent-(--accent)" />
        <span className="text-table text-text-2">{on ? w.campaigns.on : w.campaigns.off}</span>
        {on !== standard && <span className="text-meta text-text-3">{w.campaigns.standard(standard ? w.campaigns.on : w.campaigns.off)}</span>}
      </span>
    </div>
  );
}
