import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { whatIf as p } from "@/words/en/what-if";
import { formatCount, formatDay, formatRate } from "@/words/format";
import { aheadAtEnd, percentOf, pValue } from "./model";
import { whatIfOptions, type Experiment, type WhatIf, type WhatIfRequest } from "./queries";

const s = w.experiments;
const choices = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }));

/** Four rules beside each other: the experiment's own first. */
const rulesOf = (x: Experiment): WhatIfRequest["rules"] => [{}, { kind: "sequential", confidence: x.confidence >= 9900 ? 9500 : 9900 }, { kind: "p_best" }, { kind: "fixed" }];

/** When other rules would have stopped the experiment, and for which arm. */
export default function WhatIfRules({ experiment: x, nameOf }: { experiment: Experiment; nameOf: (arm: string) => string }) {
  const { org } = useSession();
  const [metric, setMetric] = useState<string>(x.metric);
  const [days, setDays] = useState(String(x.window_days));
  const [least, setLeast] = useState(String(x.min_per_arm));
  const [asked, setAsked] = useState<WhatIfRequest>();
  const answer = useQuery({ ...whatIfOptions(org, x.id, asked ?? { rules: [] }), enabled: !!asked, placeholderData: keepPreviousData });
  return (
    <Section title={p.title}>
      <p className="max-w-[72ch] py-2 text-text-2">{p.about}</p>
      <form
        className="flex flex-wrap items-end gap-x-4 gap-y-3"
        onSubmit={(e) => {
          e.preventDefault();
          const min_per_arm = Number(least) || undefined;
          setAsked({ metric: metric as WhatIfRequest["metric"], window_days: Number(days) || undefined, rules: rulesOf(x).map((r) => ({ ...r, min_per_arm })) });
        }}
      >
        <SelectField className="w-44" label={p.success} value={metric} onChange={(e) => setMetric(e.target.value)} options={choices(s.metrics)} />
        <TextField className="w-28" label={p.window} type="number" min={1} max={365} value={days} onChange={(e) => setDays(e.target.value)} />
        <TextField className="w-32" label={s.minPerArm} type="number" min={1} max={1_000_000} value={least} onChange={(e) => setLeast(e.target.value)} />
        <Button type="submit" busy={answer.isFetching}>
          {p.ask}
        </Button>
      </form>
      {asked && answer.isPending && <SkeletonRows rows={4} />}
      {answer.isError && <ProblemNote error={answer.error} onRetry={() => void answer.refetch()} />}
      {answer.data && <Rules answer={answer.data} started={x.started_at} nameOf={nameOf} />}
    </Section>
  );
}

function Rules({ answer: a, started, nameOf }: { answer: WhatIf; started?: string; nameOf: (arm: string) => string }) {
  const arms = a.verdict.arms;
  const heads = [p.rule, p.stops, p.for, ...arms.map((x) => nameOf(x.arm_id)), p.then];
  const daysUntil = (at: string) => Math.max(1, Math.round((Date.parse(at) - Date.parse(started ?? at)) / 86_400_000));
  return (
    <>
      <ScrollRegion label={p.title} className="mt-4 overflow-x-auto">
        <table className="w-full text-left text-table">
          <thead className="text-text-3">
            <tr className="border-b">
              {heads.map((h, i) => (
                <th key={h + i} scope="col" className="py-2 pr-6 font-medium whitespace-nowrap">
                  {h}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {a.rules.map((r, i) => (
              <tr key={i} className="border-b align-top">
                <th scope="row" className="py-2 pr-6 font-normal">
                  {s.rules[r.rule.kind ?? "sequential"]}
                  <span className="block text-meta text-text-3">
                    {p.confidence(percentOf(r.rule.confidence ?? 0))}, {s.minimum(r.rule.min_per_arm ?? 1)}
                    {i === 0 && ` · ${p.own}`}
                  </span>
                </th>
                <td className="py-2 pr-6 whitespace-nowrap">
                  {r.stopped ? formatDay(r.stopped.at, zone()) : p.never}
                  <span className="block text-meta text-text-3">{r.stopped ? p.sooner(daysUntil(r.stopped.at)) : p.looks(r.looks)}</span>
                </td>
                <td className="py-2 pr-6">
                  {r.stopped && (
                    <>
                      {nameOf(r.stopped.winner)}
                      <span className="block text-meta text-text-3">{aheadAtEnd(a, r.stopped.winner) ? p.held : p.turned}</span>
                    </>
                  )}
                </td>
                <Day day={r.day} />
              </tr>
            ))}
            <tr className="border-b align-top font-medium">
              <th scope="row" className="py-2 pr-6 font-medium" colSpan={3}>
                {p.end}
              </th>
              <Day day={a.end} />
            </tr>
          </tbody>
        </table>
      </ScrollRegion>
      <p className="pt-2 text-meta text-text-3">{p.readTo(formatCount(a.oseq))}</p>
    </>
  );
}

function Day({ day: d }: { day: WhatIf["end"] }) {
  return (
    <>
      {d.people.map((n, i) => (
        <td key={i} className="py-2 pr-6 whitespace-nowrap">
          {formatCount(d.successes[i] ?? 0)} {w.rates.of} {formatCount(n)}
          <span className="block text-meta font-normal text-text-3">
            {s.pBest} {formatRate(d.p_best[i] ?? 0)}
          </span>
        </td>
      ))}
      <td className="py-2 pr-6 whitespace-nowrap">p {pValue(d.p_value)}</td>
    </>
  );
}
