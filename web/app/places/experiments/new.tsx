import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { delaysIn } from "./model";
import { campaignsOptions } from "./queries";
import type { NewSearch } from "./routes";

const s = w.experiments;
type Campaign = Schemas["Campaign"];
type Create = Schemas["ExperimentCreate"];

export function NewExperimentPage() {
  const { org } = useSession();
  const campaigns = useQuery(campaignsOptions(org));
  return (
    <Needs permission="campaigns:write" title={s.new}>
      <Page title={s.new}>
        {campaigns.isError ? <ProblemNote error={campaigns.error} onRetry={() => void campaigns.refetch()} /> : campaigns.data ? campaigns.data.some((c) => c.steps.length > 0) ? <Form campaigns={campaigns.data.filter((c) => c.steps.length > 0)} /> : <p className="px-4 sm:px-6">{s.emptyNeeds}</p> : <SkeletonRows />}
      </Page>
    </Needs>
  );
}

function Form({ campaigns }: { campaigns: Campaign[] }) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const search = useSearch({ strict: false }) as NewSearch;
  const [name, setName] = useState("");
  const [hypothesis, setHypothesis] = useState("");
  const [campaign, setCampaign] = useState(campaigns.some((c) => c.id === search.campaign) ? search.campaign! : campaigns[0]!.id);
  const [step, setStep] = useState(search.step ?? "");
  const [what, setWhat] = useState("variants");
  const [delays, setDelays] = useState("");
  const [metric, setMetric] = useState("human_reply");
  const [numbers, setNumbers] = useState({ window: "14", least: "100", sure: "95", traffic: "100", holdout: "0" });
  const [group, setGroup] = useState("");
  const [auto, setAuto] = useState("hand");
  const [tried, setTried] = useState(false);
  const chosen = campaigns.find((c) => c.id === campaign)!;
  const at = Math.max(chosen.steps.findIndex((t) => t.step_id === step), 0);
  const of = chosen.steps[at]!;
  const days = delaysIn(delays);
  const arms: Create["arms"] = what === "delay" ? days.map((d) => ({ name: s.delay(d), weight: 1, delay_days: d })) : of.variants.map((v, i) => ({ name: v.name || String.fromCharCode(65 + i), weight: 1, variant_id: v.variant_id }));
  const problem = arms.length >= 2 ? undefined : what === "variants" ? s.noVariants : at === 0 ? s.firstStep : s.needArms;
  const set = (k: keyof typeof numbers) => ({ value: numbers[k], onChange: (e: { target: { value: string } }) => setNumbers({ ...numbers, [k]: e.target.value }) });
  const create = useWrite({
    run: (_: void, header) =>
      must(
        api.POST("/v1/experiments", {
          params: { header },
          body: {
            name: name.trim(),
            hypothesis: hypothesis.trim() || undefined,
            campaign_id: campaign,
            step_id: of.step_id,
            arms,
            traffic: Math.round(Number(numbers.traffic) * 100),
            holdout: Math.round(Number(numbers.holdout) * 100),
            group: group || undefined,
            metric: metric as Create["metric"],
            window_days: Number(numbers.window),
            min_per_arm: Number(numbers.least),
            confidence: Math.round(Number(numbers.sure) * 100),
            auto_promote: auto === "auto",
          },
        }),
      ),
    stale: () => [[org, "experiments"]],
    done: (_, made) => void go({ to: `/o/${slug}/analytics/experiments/${made.id}` as "/" }),
  });
  const missing = !name.trim();
  return (
    <form
      className="flex max-w-3xl flex-col gap-5 px-4 pt-2 pb-10 sm:px-6"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (missing) (e.currentTarget.elements.namedItem("name") as HTMLInputElement | null)?.focus();
        else if (!problem && !create.isPending) create.mutate();
      }}
    >
      <TextField name="name" label={s.name} autoFocus maxLength={200} value={name} onChange={(e) => setName(e.target.value)} error={tried && missing ? s.missing : undefined} />
      <TextArea label={s.hypothesis} rows={2} maxLength={1000} value={hypothesis} onChange={(e) => setHypothesis(e.target.value)} />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label={s.campaign} value={campaign} onChange={(e) => (setCampaign(e.target.value), setStep(""))} options={campaigns.map((c) => ({ value: c.id, label: c.name }))} />
        <SelectField label={s.stepField} value={of.step_id} onChange={(e) => setStep(e.target.value)} options={chosen.steps.map((t, i) => ({ value: t.step_id, label: `${s.step(i + 1)}: ${t.variants[0]?.subject || "–"}` }))} />
        <SelectField label={s.what} value={what} onChange={(e) => setWhat(e.target.value)} options={Object.entries(s.whats).map(([value, label]) => ({ value, label }))} error={tried || what === "variants" ? problem : undefined} />
        {what === "delay" && at > 0 && <TextField label={s.delays} hint={s.delaysHint} value={delays} onChange={(e) => setDelays(e.target.value)} />}
      </div>
      <div className="grid gap-4 min-[420px]:grid-cols-2 sm:grid-cols-4">
        <SelectField label={s.metric} value={metric} onChange={(e) => setMetric(e.target.value)} options={["human_reply", "positive_reply", "meeting"].map((value) => ({ value, label: s.metrics[value]! }))} />
        <TextField label={s.windowDays} type="number" min={1} max={90} {...set("window")} />
        <TextField label={s.minPerArm} type="number" min={1} {...set("least")} />
        <TextField label={s.confidence} type="number" min={80} max={99.99} step="any" {...set("sure")} />
        <TextField label={s.trafficField} type="number" min={1} max={100} {...set("traffic")} />
        <TextField label={s.holdoutField} hint={s.holdoutHint} type="number" min={0} max={50} {...set("holdout")} />
        <TextField label={s.groupField} hint={s.groupHint} className="min-[420px]:col-span-2" maxLength={60} pattern="[a-z0-9_-]*" value={group} onChange={(e) => setGroup(e.target.value)} />
      </div>
      <SelectField label={s.decides} className="sm:max-w-md" value={auto} onChange={(e) => setAuto(e.target.value)} options={[{ value: "hand", label: s.byHand }, { value: "auto", label: s.auto }]} />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" busy={create.isPending} why={problem}>
          {s.create}
        </Button>
        <span className="text-table text-text-3">{s.createAbout}</span>
      </div>
    </form>
  );
}
