import { Check } from "lucide-react";
import { cx } from "@/ui/cx";
import { w } from "@/words";

const order = ["file", "columns", "check", "import", "done"] as const;
export type Step = (typeof order)[number];

/** Where the import is on its way. */
export function Steps({ at }: { at: Step }) {
  const here = order.indexOf(at);
  return (
    <ol aria-label={w.imports.stepsLabel} className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b px-4 pb-3 text-table sm:px-6">
      {order.map((s, i) => (
        <li key={s} aria-current={i === here ? "step" : undefined} className={cx("flex items-center gap-1.5", i === here ? "font-medium text-text-1" : "text-text-3")}>
          <span aria-hidden className={cx("inline-flex size-5 items-center justify-center rounded-full border text-meta", i === here ? "border-accent bg-accent text-on-accent" : i < here ? "border-good text-good" : "border-control")}>
            {i < here ? <Check size={12} /> : i + 1}
          </span>
          {w.imports.steps[s]}
          {i < order.length - 1 && <span aria-hidden className="mx-1 h-px w-6 bg-line max-sm:w-2" />}
        </li>
      ))}
    </ol>
  );
}
