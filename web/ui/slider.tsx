import { useId } from "react";

/** A value out of few, chosen by sliding: the first place is "as it is". What it stands for is said beside it, and to who can't see it. */
export function Slider({ label, values, value, asIs, say, onChange }: { label: string; values: readonly number[]; value?: number; asIs: string; say: (n: number) => string; onChange: (n?: number) => void }) {
  const id = useId();
  const at = value === undefined ? 0 : nearest(values, value) + 1;
  const said = value === undefined ? asIs : say(value);
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="min-w-0 text-table font-medium text-text-2">
          {label}
        </label>
        <output htmlFor={id} className={"text-table whitespace-nowrap " + (value === undefined ? "text-text-3" : "font-medium")}>
          {said}
        </output>
      </div>
      <input id={id} type="range" min={0} max={values.length} step={1} value={at} aria-valuetext={said} onChange={(e) => onChange(e.target.value === "0" ? undefined : values[Number(e.target.value) - 1])} className="h-6 w-full accent-(--accent) pointer-coarse:h-11" />
    </div>
  );
}

function nearest(values: readonly number[], value: number): number {
  const i = values.findIndex((v) => v >= value);
  return i < 0 ? values.length - 1 : i;
}
