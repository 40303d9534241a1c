import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { flagTrials as s } from "@/words/en/flag-trials";
import { formatDay, formatRate } from "@/words/format";
import { platform } from "./client";
import { trialOptions, trialsOptions } from "./queries";
import { TrialForm } from "./trial-form";

type Trial = Schemas["PlatformExperiment"];
const day = (at: string) => formatDay(at, zone());
const points = (x: number) => (x > 0 ? "+" : x < 0 ? "−" : "") + formatRate(Math.abs(x)).replace(/ %$/, "");

/** Experiments over organisations: a flag's rollout against those that chance left without it. */
export function Trials({ flags }: { flags: Schemas["Flag"][] }) {
  const list = useQuery(trialsOptions());
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<string>();
  const [ending, setEnding] = useState<Trial>();
  const end = useWrite({
    run: (t: Trial, headers) => must(platform.POST("/v1/platform/experiments/{id}/end", { params: { path: { id: t.id }, header: headers } })),
    stale: () => [["operator", "trials"]],
    done: () => setEnding(undefined),
  });
  const divided = flags.filter((f) => f.version > 0 && f.rule.enabled && !f.killed && f.rule.rollout > 0 && f.rule.rollout < 10_000);
  return (
    <Section title={s.title} actions={divided.length > 0 && <Button size="small" onClick={() => setAdding(true)}>{s.start}</Button>}>
      <p className="max-w-[72ch] py-2 text-text-2">{s.about}</p>
      {list.isPending && <SkeletonRows rows={2} />}
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.length === 0 && <p className="text-text-3">{s.none}</p>}
      <ul>
        {list.data?.map((t) => (
          <li key={t.id} className="border-b py-3 text-table">
            <div className="flex flex-wrap items-start gap-x-6 gap-y-1">
              <span className="min-w-0 flex-1 basis-72">
                <span className="font-medium">{t.name}</span> <Chip tone={t.status === "running" ? "warn" : "plain"}>{s.statuses[t.status]}</Chip>
                <span className="block text-text-2">
                  <span className="mono">{t.flag}</span>, {s.metrics[t.metric]?.toLowerCase()}
                </span>
              </span>
              <span className="w-56 text-text-2">
                {day(t.started_at)}, {t.ended_at ? `${s.ended} ${day(t.ended_at)}` : `${s.until} ${day(t.ends_at)}`}
              </span>
              <span className="flex flex-wrap gap-2">
                <Button size="small" aria-expanded={open === t.id} aria-label={s.showOf(t.name)} onClick={() => setOpen(open === t.id ? undefined : t.id)}>
                  {s.show}
                </Button>
                {t.status === "running" && (
                  <Button size="small" look="quiet" aria-label={s.endOf(t.name)} onClick={() => setEnding(t)}>
                    {s.end}
                  </Button>
                )}
              </span>
            </div>
            {open === t.id && <Standing id={t.id} />}
          </li>
        ))}
      </ul>
      {adding && <TrialForm flags={divided.map((f) => f.name)} onClose={() => setAdding(false)} />}
      {ending && <Confirm title={s.endOf(ending.name)} about={s.endAbout} action={s.end} busy={end.isPending} onDo={() => end.mutate(ending)} onClose={() => setEnding(undefined)} />}
    </Section>
  );
}

function Standing({ id }: { id: string }) {
  const one = useQuery(trialOptions(id));
  if (one.error) return <ProblemNote error={one.error} onRetry={() => void one.refetch()} />;
  const v = one.data?.standing;
  if (!v) return <SkeletonRows rows={2} />;
  return (
    <div className="pt-2">
      <p className={v.winner ? "font-medium text-good" : "text-text-2"}>{v.winner ? s.decided(s.sides[v.winner]!) : s.reasons[v.reason]}</p>
      <ScrollRegion label={s.show}>
        <table className="text-left">
          <thead className="text-text-3">
            <tr className="border-b">
              {[s.side, s.organizations, s.people, s.mean].map((h) => (
                <th key={h} scope="col" className="py-1 pr-6 font-medium whitespace-nowrap">
                  {h}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(["on", "off"] as const).map((side) => (
              <tr key={side} className="border-b">
                <th scope="row" className="py-1 pr-6 font-normal">
                  {s.sides[side]}
                </th>
                <td className="py-1 pr-6">{s.ofThem(v[side].counted, v[side].organizations)}</td>
                <td className="py-1 pr-6">{s.successes(v[side].successes, v[side].people)}</td>
                <td className="py-1 pr-6">{v[side].counted > 0 ? formatRate(v[side].mean_rate) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {v.on.counted > 1 && v.off.counted > 1 && <p className="pt-2 text-text-3">{s.difference(points(v.difference), points(v.low), points(v.high), formatRate(v.p_value))}</p>}
    </div>
  );
}
