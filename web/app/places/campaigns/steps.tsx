import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { useChangeSearch } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { useAt } from "@/app/shell/time-machine";
import { loadPart } from "@/ui/load-part";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { checkSequence, checkText } from "./checks";
import type { StepText, VariantText } from "./diff";
import { customFieldsOf, leadVariables, systemVariables } from "./liquid";
import { Preview } from "./preview";
import { sampleOptions, variablesOptions, type Campaign } from "./queries";
import type { CampaignSearch } from "./search";
import { SequenceList } from "./sequence";
import { CheckList, StepText as StepEditor } from "./step-text";
import { StepsBar } from "./steps-bar";
import type { Variable } from "./text-editor";
import { useSteps } from "./use-steps";
import { percents } from "./weights";

const Versions = lazy(() => loadPart(() => import("./versions")));

/** The sequence, the text of one variant, and how it looks for real people. */
export default function Steps({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const past = !!useAt();
  const may = useMay("campaigns:write") && !past && campaign.status !== "completed" && !campaign.archived_at;
  const search = useSearch({ strict: false }) as CampaignSearch;
  const changeSearch = useChangeSearch();
  const reads = useMay("leads:read");
  const sample = useQuery({ ...sampleOptions(org, campaign.id), enabled: reads });
  const organization = useQuery(organizationOptions(org));
  const store = useSteps(campaign, may);
  const { steps, edit } = store;
  const at = Math.max(0, steps.findIndex((s) => s.step_id === search.step));
  const step = steps[at];
  const variant = step?.variants.find((v) => v.variant_id === search.variant) ?? step?.variants[0];
  const show = (s?: StepText, v?: VariantText) => changeSearch({ step: s?.step_id, variant: v?.variant_id }, true);

  const people = sample.data?.leads ?? [];
  const known = useQuery(variablesOptions(org, campaign.id));
  const custom = useMemo(() => [...new Set([...customFieldsOf(people as never), ...(known.data?.data ?? []).filter((v) => v.kind === "custom").map((v) => v.name.replace(/^custom\./, ""))])], [people, known.data]);
  const have = (name: string, value: (p: (typeof people)[number]) => unknown) => {
    const v = known.data?.data.find((x) => x.name === name);
    return v && v.people > 0 ? w.campaigns.have(v.have, v.people) : coverage(people, value);
  };
  const variables: Variable[] = useMemo(
    () => [
      ...leadVariables.map((name) => ({ name, about: have(name, (p) => p[name]) })),
      ...custom.map((name) => ({ name: "custom." + name, about: have("custom." + name, (p) => p.custom?.[name]), custom: true })),
      ...systemVariables.map((name) => ({ name, about: w.campaigns.systemVariables[name]! })),
    ],
    [people, custom, known.data],
  );
  const about = (first: boolean) => ({
    first,
    known: sample.data ? new Set(custom) : undefined,
    people: sample.data?.enrolled ? people : [],
    footer: campaign.settings.unsubscribe_footer,
    postalAddress: organization.data ? organization.data.postal_address.trim() !== "" : true,
  });
  const sequence = checkSequence(steps, campaign.settings);

  const change = (to: Partial<VariantText>) => edit((all) => all.map((s) => (s.step_id !== step?.step_id ? s : { ...s, variants: s.variants.map((v) => (v.variant_id === variant?.variant_id ? { ...v, ...to } : v)) })));
  const changeStep = (to: Partial<StepText>) => edit((all) => all.map((s) => (s.step_id === step?.step_id ? { ...s, ...to } : s)));
  const addStep = () => {
    const made: StepText = { step_id: crypto.randomUUID(), delay_days: steps.length ? Math.max(3, campaign.settings.follow_up_days) : 0, variants: [{ variant_id: crypto.randomUUID(), name: "A", subject: "", body: "", weight: 100 }] };
    edit((all) => [...all, made]);
    show(made, made.variants[0]);
  };
  const removeStep = (gone: StepText) => {
    const was = steps;
    edit((all) => all.filter((s) => s.step_id !== gone.step_id).map((s, i) => (i === 0 ? { ...s, delay_days: 0 } : s)));
    toast.say(w.campaigns.stepRemoved, () => edit(() => was));
  };
  const move = (i: number, by: number) =>
    edit((all) => {
      const next = [...all];
      const [s] = next.splice(i, 1);
      next.splice(i + by, 0, s!);
      return next.map((x, k) => ({ ...x, delay_days: k === 0 ? 0 : x.delay_days || campaign.settings.follow_up_days }));
    });
  const addVariant = () => {
    if (!step) return;
    const made: VariantText = { variant_id: crypto.randomUUID(), name: nextName(step.variants), subject: variant?.subject ?? "", body: variant?.body ?? "", weight: 1 };
    const shares = percents([...step.variants.map(() => 1), 1]);
    changeStep({ variants: [...step.variants, made].map((v, i) => ({ ...v, weight: shares[i]! })) });
    show(step, made);
  };
  const removeVariant = (gone: VariantText) => {
    if (!step) return;
    const was = steps;
    const left = step.variants.filter((v) => v.variant_id !== gone.variant_id);
    const shares = percents(left.map((v) => v.weight));
    changeStep({ variants: left.map((v, i) => ({ ...v, weight: shares[i]! })) });
    toast.say(w.campaigns.variantRemoved, () => edit(() => was));
  };
  return (
    <div className="flex min-h-full flex-col">
      <StepsBar campaign={campaign} store={store} may={may} problems={sequence.filter((c) => c.level === "bad").length} />
      {campaign.steps_version > 1 && campaign.launched_at && !past && (
        <Suspense>
          <Versions campaign={campaign} />
        </Suspense>
      )}
      <div className="grid flex-1 grid-cols-[minmax(0,1fr)] content-start lg:content-stretch lg:grid-cols-[14rem_minmax(0,1fr)] xl:grid-cols-[14rem_minmax(0,1fr)_minmax(22rem,28rem)]">
        <SequenceList steps={steps} current={step?.step_id} may={may} minimum={campaign.settings.follow_up_days} onChoose={(s) => show(s, s.variants[0])} onAdd={addStep} onMove={move} onRemove={removeStep} onDelay={(s, delay_days) => edit((all) => all.map((x) => (x.step_id === s.step_id ? { ...x, delay_days } : x)))}>
          <CheckList checks={sequence} />
        </SequenceList>
        {step && variant ? (
          <>
            <StepEditor
              step={step}
              variant={variant}
              place={at + 1}
              may={may}
              variables={variables}
              checks={checkText(variant, about(at === 0))}
              warnings={campaign.warnings?.filter((x) => x.variant_id === variant.variant_id) ?? []}
              onChoose={(v) => show(step, v)}
              onChange={change}
              onShares={(shares) => changeStep({ variants: step.variants.map((v, i) => ({ ...v, weight: shares[i]! })) })}
              onAddVariant={addVariant}
              onRemoveVariant={removeVariant}
            />
            <Preview campaign={campaign} steps={steps} at={at} variant={variant} sample={sample.data} />
          </>
        ) : (
          <p className="p-6 text-text-2">{w.campaigns.noSteps}</p>
        )}
      </div>
    </div>
  );
}

/** "87 of 100 people"; the people that were looked at, not all. */
function coverage<P>(people: P[], value: (p: P) => unknown) {
  if (people.length === 0) return "";
  return w.campaigns.have(people.filter((p) => value(p) !== undefined && value(p) !== "").length, people.length);
}

function nextName(variants: VariantText[]) {
  for (let i = 0; i < 26; i++) {
    const name = String.fromCharCode(65 + i);
    if (!variants.some((v) => v.name === name)) return name;
  }
  return "";
}
