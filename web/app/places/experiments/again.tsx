import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, SelectField, TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { Kept } from "./kept";
import { evaluationsOptions, type Experiment, type Settings } from "./queries";

const s = w.experiments;
const choices = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }));

/** The form of another judgement, and those that are kept. */
export function Again({ experiment: x, nameOf }: { experiment: Experiment; nameOf: (arm: string) => string }) {
  const { org } = useSession();
  const [metric, setMetric] = useState<string>(x.metric);
  const [days, setDays] = useState(String(x.window_days));
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [asOf, setAsOf] = useState("");
  const [unit, setUnit] = useState("person");
  const [rule, setRule] = useState("sequential");
  const [least, setLeast] = useState(String(x.min_per_arm));
  const [settled, setSettled] = useState(false);
  const [freeMail, setFreeMail] = useState(false);
  const [bounced, setBounced] = useState(false);
  const kept = useInfiniteQuery(evaluationsOptions(org, x.id));
  const instant = (local: string) => (local ? new Date(local).toISOString() : undefined);
  const judge = useWrite({
    run: (_: void, header) => {
      const body: Settings = {
        metric: metric as Settings["metric"],
        window_days: Number(days) || undefined,
        from: instant(from),
        to: instant(to),
        as_of: instant(asOf),
        unit: unit as Settings["unit"],
        settled: settled || undefined,
        exclude: freeMail || bounced ? { free_mail: freeMail || undefined, bounced: bounced || undefined } : undefined,
        rule: { kind: rule as NonNullable<Settings["rule"]>["kind"], min_per_arm: Number(least) || undefined },
      };
      return must(api.POST("/v1/experiments/{id}/evaluations", { params: { path: { id: x.id }, header }, body }));
    },
    stale: () => [[org, "experiments"]],
  });
  return (
    <>
      <Section title={s.again}>
        <p className="max-w-[72ch] py-2 text-text-2">{s.againAbout}</p>
        <form
          className="flex flex-col gap-4"
          onSubmit={(e) => {
            e.preventDefault();
            if (!judge.isPending) judge.mutate();
          }}
        >
          <div className="grid max-w-4xl grid-cols-1 gap-x-4 gap-y-3 min-[420px]:grid-cols-2 lg:grid-cols-4">
            <SelectField label={s.metric} value={metric} onChange={(e) => setMetric(e.target.value)} options={choices(s.metrics)} />
            <TextField label={s.windowDays} type="number" min={1} max={365} value={days} onChange={(e) => setDays(e.target.value)} />
            <SelectField label={s.unit} value={unit} onChange={(e) => setUnit(e.target.value)} options={choices(s.units)} />
            <SelectField label={s.rule} value={rule} onChange={(e) => setRule(e.target.value)} options={choices(s.rules)} />
            <TextField label={s.from} type="datetime-local" value={from} onChange={(e) => setFrom(e.target.value)} />
            <TextField label={s.to} type="datetime-local" value={to} onChange={(e) => setTo(e.target.value)} />
            <TextField label={s.asOfField} type="datetime-local" value={asOf} onChange={(e) => setAsOf(e.target.value)} />
            <TextField label={s.minPerArm} type="number" min={1} value={least} onChange={(e) => setLeast(e.target.value)} />
          </div>
          <div className="flex flex-wrap gap-x-6 gap-y-2">
            <CheckField label={s.settled} checked={settled} onChange={(e) => setSettled(e.target.checked)} />
            <CheckField label={s.freeMail} checked={freeMail} onChange={(e) => setFreeMail(e.target.checked)} />
            <CheckField label={s.bounced} checked={bounced} onChange={(e) => setBounced(e.target.checked)} />
          </div>
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" busy={judge.isPending}>
              {s.againButton}
            </Button>
            {judge.isPending && (
              <span role="status" className="text-table text-text-3">
                {s.judging}
              </span>
            )}
          </div>
        </form>
      </Section>
      <Section title={s.kept}>
        {kept.isPending ? (
          <SkeletonRows rows={3} />
        ) : kept.isError ? (
          <ProblemNote error={kept.error} onRetry={() => void kept.refetch()} />
        ) : (
          <>
            {kept.data.pages[0]!.data.length === 0 && <p className="py-3 text-text-2">{s.keptEmpty}</p>}
            {kept.data.pages.flatMap((p) => p.data).map((e) => (
              <Kept key={e.id} evaluation={e} nameOf={nameOf} />
            ))}
            {kept.hasNextPage && (
              <Button size="small" className="mt-3" busy={kept.isFetchingNextPage} onClick={() => void kept.fetchNextPage()}>
                {s.more}
              </Button>
            )}
          </>
        )}
      </Section>
    </>
  );
}
