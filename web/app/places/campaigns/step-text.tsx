import { CircleAlert, Info, Plus, Trash2, TriangleAlert } from "lucide-react";
import { lazy, Suspense } from "react";
import type { Schemas } from "@/api/client";
import { Button, IconButton } from "@/ui/button";
import { TextField } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { Skeleton } from "@/ui/states";
import { w } from "@/words";
import type { Check } from "./checks";
import type { StepText as Step, VariantText } from "./diff";
import type { Variable } from "./text-editor";
import { percents, withShare } from "./weights";

const TextEditor = lazy(() => loadPart(() => import("./text-editor")));

type Props = {
  step: Step;
  variant: VariantText;
  place: number;
  may: boolean;
  variables: Variable[];
  checks: Check[];
  warnings: Schemas["TextWarning"][];
  onChoose: (v: VariantText) => void;
  onChange: (v: Partial<VariantText>) => void;
  onShares: (shares: number[]) => void;
  onAddVariant: () => void;
  onRemoveVariant: (v: VariantText) => void;
};

/** The text of one variant of a step. */
export function StepText({ step, variant, place, may, variables, checks, warnings, onChoose, onChange, onShares, onAddVariant, onRemoveVariant }: Props) {
  const c = w.campaigns;
  const shares = percents(step.variants.map((v) => v.weight));
  const key = variant.variant_id;
  return (
    <section aria-label={c.textOf(place)} className="flex min-w-0 flex-col gap-3 border-b p-4 xl:border-r xl:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <div role="group" aria-label={c.variantsLabel} className="flex flex-wrap gap-1">
          {step.variants.map((v, i) => (
            <button key={v.variant_id} type="button" aria-pressed={v.variant_id === key} onClick={() => onChoose(v)} className="min-h-7 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-text">
              {c.variant(v.name || "A")} {step.variants.length > 1 && <span className="font-normal">{shares[i]} %</span>}
            </button>
          ))}
        </div>
        {may && step.variants.length < 10 && (
          <Button size="small" look="quiet" icon={<Plus size={14} aria-hidden />} onClick={onAddVariant}>
            {c.addVariant}
          </Button>
        )}
        {may && step.variants.length > 1 && (
          <IconButton label={c.removeVariant(variant.name || "A")} size="small" className="ml-auto" onClick={() => onRemoveVariant(variant)}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        )}
      </div>
      {step.variants.length > 1 && <Shares step={step} shares={shares} may={may} onShares={onShares} />}
      {step.variants.length > 1 && <TextField label={c.variantName} className="w-48" maxLength={100} disabled={!may} value={variant.name ?? ""} onChange={(e) => onChange({ name: e.target.value })} />}
      <Suspense fallback={<Skeleton className="h-96" />}>
        <div className="flex flex-col gap-1">
          <span className="text-table font-medium text-text-2">{c.subject}</span>
          <TextEditor key={key + "s"} label={c.subject} value={variant.subject} onChange={(subject) => onChange({ subject })} variables={variables} oneLine readOnly={!may} hint={place > 1 ? c.subjectEmptyHint : c.subjectHint} />
        </div>
        <div className="flex flex-col gap-1">
          <span className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="text-table font-medium text-text-2">{c.body}</span>
            <span className="text-meta text-text-3">{c.editorHint}</span>
          </span>
          <TextEditor key={key + "b"} label={c.body} value={variant.body} onChange={(body) => onChange({ body })} variables={variables} readOnly={!may} hint={c.bodyHint} />
        </div>
      </Suspense>
      <CheckList checks={[...checks, ...warnings.map((x): Check => ({ level: "warn", text: c.warning[x.code]?.(x.text) ?? x.text, fix: x.suggestion ? c.suggestion(x.suggestion) : undefined }))]} good={c.checksGood} />
    </section>
  );
}

/** How the recipients are split: a bar of whole percents that sum to 100, and a slider for each. */
function Shares({ step, shares, may, onShares }: { step: Step; shares: number[]; may: boolean; onShares: (s: number[]) => void }) {
  const tones = ["var(--accent)", "var(--good)", "var(--meeting)", "var(--click)", "var(--sent)"];
  return (
    <div>
      <div aria-hidden className="flex h-2 gap-px overflow-hidden rounded-full">
        {shares.map((s, i) => (
          <span key={i} style={{ width: `${s}%`, background: tones[i % tones.length] }} />
        ))}
      </div>
      <div className="mt-2 flex flex-wrap gap-x-6 gap-y-1">
        {step.variants.map((v, i) => (
          <label key={v.variant_id} className="flex min-h-7 items-center gap-2 text-table">
            <span aria-hidden className="size-2 rounded-full" style={{ background: tones[i % tones.length] }} />
            {v.name || "A"}
            <input type="range" min={0} max={100} disabled={!may} value={shares[i]} aria-label={w.campaigns.shareOf(v.name || "A")} onChange={(e) => onShares(withShare(shares, i, Number(e.target.value)))} className="w-24 accent-(--accent)" />
            <span className="w-11 text-right">{shares[i]} %</span>
          </label>
        ))}
      </div>
    </div>
  );
}

const icons = { bad: CircleAlert, warn: TriangleAlert, good: Info };
const tones = { bad: "text-bad", warn: "text-warn", good: "text-good" };

/** What is to be said; what keeps the campaign from being launched first. */
export function CheckList({ checks, good }: { checks: Check[]; good?: string }) {
  if (checks.length === 0) return good ? <p className="text-table text-text-3">{good}</p> : null;
  const order = { bad: 0, warn: 1, good: 2 };
  return (
    <ul aria-label={w.campaigns.checks} className="mt-1 flex flex-col gap-1.5">
      {[...checks]
        .sort((a, b) => order[a.level] - order[b.level])
        .map((x) => {
          const Icon = icons[x.level];
          return (
            <li key={x.text} className="flex items-start gap-2 text-table">
              <Icon size={14} aria-hidden className={`mt-0.75 shrink-0 ${tones[x.level]}`} />
              <span className="min-w-0">
                <span className="sr-only">{x.level === "bad" ? w.campaigns.mustFix : w.campaigns.maybeFix}: </span>
                {x.text} {x.fix && <span className="text-text-2">{x.fix}</span>}
              </span>
            </li>
          );
        })}
    </ul>
  );
}
