import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Section } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { w } from "@/words";
import { percentOf } from "./model";
import { campaignOptions, type Experiment } from "./queries";

const s = w.experiments;

/** What the experiment tries, and by what it decides. */
export function Plan({ experiment: x }: { experiment: Experiment }) {
  const { org } = useSession();
  const may = useMay("campaigns:read");
  const campaign = useQuery({ ...campaignOptions(org, x.campaign_id), enabled: may });
  const step = campaign.data?.steps.findIndex((t) => t.step_id === x.step_id) ?? -1;
  const variants = campaign.data?.steps[step]?.variants ?? [];
  const total = x.arms.reduce((sum, a) => sum + a.weight, 0);
  const way = (a: Experiment["arms"][number]) => {
    const v = variants.findIndex((y) => y.variant_id === a.variant_id);
    return [v >= 0 && s.variant(variants[v]!.name || String.fromCharCode(65 + v)), a.delay_days != null && s.delay(a.delay_days), s.share(percentOf(Math.round((a.weight / total) * 10_000)))].filter(Boolean).join(", ");
  };
  return (
    <Section title={s.settings}>
      <dl className="grid gap-x-6 gap-y-2 py-3 sm:grid-cols-[10rem_minmax(0,1fr)]">
        {step >= 0 && <Row name={s.stepField}>{s.step(step + 1)}</Row>}
        {x.arms.map((a) => (
          <Row key={a.arm_id} name={a.name}>
            {way(a)}
          </Row>
        ))}
        <Row name={s.takesPart}>{[s.traffic(percentOf(x.traffic)), x.holdout > 0 && s.holdout(percentOf(x.holdout))].filter(Boolean).join("; ")}</Row>
        {x.group && <Row name={s.group}>{x.group}</Row>}
        <Row name={s.decides}>
          {s.metrics[x.metric]} {s.window(x.window_days)}, {s.minimum(x.min_per_arm)}, {percentOf(x.confidence)}. {x.auto_promote ? s.auto : s.byHand}
        </Row>
        {x.guards.length > 0 && <Row name={s.guards}>{x.guards.map((g) => s.guard(s.metrics[g.metric]!, percentOf(g.limit / 10))).join(", ")}</Row>}
      </dl>
    </Section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-table break-words text-text-3">{name}</dt>
      <dd className="min-w-0 max-w-[72ch] break-words">{children}</dd>
    </>
  );
}
