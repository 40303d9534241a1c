import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import type { StepText } from "./diff";

type Props = {
  steps: StepText[];
  current?: string;
  may: boolean;
  minimum: number; // business days between two steps
  onChoose: (s: StepText) => void;
  onAdd: () => void;
  onMove: (i: number, by: number) => void;
  onRemove: (s: StepText) => void;
  onDelay: (s: StepText, days: number) => void;
  children?: ReactNode;
};

/** The steps in their order, with the days between them. */
export function SequenceList({ steps, current, may, minimum, onChoose, onAdd, onMove, onRemove, onDelay, children }: Props) {
  const c = w.campaigns;
  return (
    <section aria-label={c.sequence} className="border-b p-3 lg:border-r lg:border-b-0">
      <ol className="flex flex-col">
        {steps.map((s, i) => {
          const on = s.step_id === current;
          return (
            <li key={s.step_id}>
              {i > 0 && <Delay step={s} may={may} minimum={minimum} onDelay={onDelay} place={i + 1} />}
              <div className={cx("flex items-start rounded-control", on ? "bg-accent-soft" : "hover:bg-surface-1")}>
                <button type="button" aria-current={on ? "step" : undefined} onClick={() => onChoose(s)} className="min-h-11 min-w-0 flex-1 rounded-control px-2.5 py-1.5 text-left">
                  <span className="flex items-baseline gap-2">
                    <span className={cx("font-medium", on && "text-accent-text")}>{c.stepN(i + 1)}</span>
                    {s.variants.length > 1 && <span className="text-meta text-text-3">{c.variants(s.variants.length)}</span>}
                  </span>
                  <span className="block truncate text-table text-text-2">{s.variants[0]?.subject || (i > 0 ? c.inThread : c.noSubjectYet)}</span>
                </button>
                {on && may && (
                  <span className="flex pt-0.5">
                    <Small label={c.moveUp} off={i === 0} onClick={() => onMove(i, -1)} icon={<ArrowUp size={14} aria-hidden />} />
                    <Small label={c.moveDown} off={i === steps.length - 1} onClick={() => onMove(i, 1)} icon={<ArrowDown size={14} aria-hidden />} />
                    <Small label={c.removeStep} onClick={() => onRemove(s)} icon={<Trash2 size={14} aria-hidden />} />
                  </span>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      {may && steps.length < 20 && (
        <Button size="small" look="quiet" className="mt-2" icon={<Plus size={14} aria-hidden />} onClick={onAdd}>
          {c.addStep}
        </Button>
      )}
      {children}
    </section>
  );
}

function Small({ label, off, onClick, icon }: { label: string; off?: boolean; onClick: () => void; icon: ReactNode }) {
  if (off) return null;
  return (
    <IconButton label={label} size="small" className="h-7! w-7!" onClick={onClick}>
      {icon}
    </IconButton>
  );
}

function Delay({ step, may, minimum, onDelay, place }: { step: StepText; may: boolean; minimum: number; onDelay: (s: StepText, days: number) => void; place: number }) {
  const short = step.delay_days < minimum;
  return (
    <div className="ml-4 flex min-h-9 items-center gap-2 border-l-2 pl-3 text-table text-text-2">
      <input
        type="number"
        inputMode="numeric"
        min={0}
        max={365}
        disabled={!may}
        aria-label={w.campaigns.delayBefore(place)}
        aria-invalid={short || undefined}
        value={step.delay_days}
        onChange={(e) => onDelay(step, Math.max(0, Math.min(365, Math.trunc(Number(e.target.value) || 0))))}
        className="h-7 w-14 rounded-control border border-control bg-surface-0 px-1.5 text-right aria-invalid:border-bad pointer-coarse:min-h-11"
      />
      <span className={cx(short && "text-bad")}>{w.campaigns.businessDays(step.delay_days)}</span>
    </div>
  );
}
