import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, SelectField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { formatCount } from "@/words/format";
import { integrations as s } from "@/words/en/settings-integrations";
import { crmMap as m } from "@/words/en/settings-crm";
import { DryRun } from "./integration-dry-run";
import { FieldRows } from "./integration-map-fields";
import { mappingOptions } from "./integration-queries";
import { Body, Row } from "./row";

type Mapping = Schemas["IntegrationMapping"];
type Input = Schemas["IntegrationMappingInput"];

/** What a connection to a CRM does: which field is which, whose value is kept, what is written there. */
export function IntegrationMap({ integration: x }: { integration: Schemas["Integration"] }) {
  const { org } = useSession();
  const change = useChangeSearch();
  const mapping = useQuery(mappingOptions(org, x.id));
  return (
    <Body>
      <div>
        <button type="button" onClick={() => change({ filter: undefined, kind: undefined }, false)} className="flex min-h-7 items-center gap-1.5 text-table text-text-2">
          <ArrowLeft size={14} aria-hidden /> {s.back}
        </button>
        <h2 className="pt-2 text-section font-semibold">{m.title(s.names[x.provider] ?? x.provider)}</h2>
        <p className="max-w-[70ch] text-text-2">{m.about}</p>
      </div>
      {mapping.error ? <ProblemNote error={mapping.error} onRetry={() => void mapping.refetch()} /> : !mapping.data ? (
        <SkeletonRows rows={8} />
      ) : mapping.data.lacks?.length ? (
        <Lacks all={mapping.data.lacks} busy={mapping.isFetching} onAgain={() => void mapping.refetch()} />
      ) : (
        <Editor key={x.id} integration={x} is={mapping.data} />
      )}
    </Body>
  );
}

/** What somebody must do in the account first. */
function Lacks({ all, busy, onAgain }: { all: string[]; busy: boolean; onAgain: () => void }) {
  return (
    <div role="status" className="flex max-w-[70ch] flex-col items-start gap-3">
      <p>{m.lacks}</p>
      <ul className="list-disc pl-5 text-text-2">
        {all.map((o) => (
          <li key={o} className="break-words">
            {o}
          </li>
        ))}
      </ul>
      <Button busy={busy} onClick={onAgain}>
        {m.lookAgain}
      </Button>
    </div>
  );
}

/** The problem of each field, by its name in the request. */
const problemsOf = (err: ProblemError) => Object.fromEntries((err.problem.errors ?? []).map((e) => [e.field, e.reason]));

function Editor({ integration: x, is }: { integration: Schemas["Integration"]; is: Mapping }) {
  const { org } = useSession();
  const can = useCan("integrations:manage");
  const [draft, setDraft] = useState<Input>({ fields: is.fields, stages: is.stages, activities: is.activities, create_all: is.create_all, on_erase: is.on_erase });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const set = (part: Partial<Input>) => {
    setDraft({ ...draft, ...part });
    setWrong({});
  };
  const fail = (err: ProblemError) => {
    const problems = problemsOf(err);
    setWrong(problems);
    return Object.keys(problems).some((name) => name !== "account"); // that one is said as it is
  };
  const run = useWrite({ run: (_: void) => must(api.POST("/v1/integrations/{id}/dry-run", { params: { path: { id: x.id } }, body: draft })), onProblem: fail });
  const save = useWrite({
    run: async (_: void, headers) => settled(await must(api.PUT("/v1/integrations/{id}/mapping", { params: { path: { id: x.id }, header: headers }, body: draft }))),
    stale: () => [[org, "integrations"]],
    done: () => toast.say(m.saved),
    onProblem: fail,
  });
  const activity = (a: Schemas["IntegrationActivity"], on: boolean) => set({ activities: on ? [...draft.activities, a] : draft.activities.filter((o) => o !== a) });
  return (
    <>
      <FieldRows draft={draft} is={is} wrong={wrong} can={can} onChange={(fields) => set({ fields })} />
      <div>
        <Row label={m.activities} hint={m.activitiesHint}>
          <div className="flex flex-col gap-1.5">
            {m.activityList.map((a) => (
              <CheckField key={a.value} label={a.label} checked={draft.activities.includes(a.value)} disabled={!can} onChange={(e) => activity(a.value, e.target.checked)} />
            ))}
          </div>
        </Row>
        <Row label={m.create} hint={m.createHint}>
          <SelectField label={m.create} hideLabel value={String(draft.create_all)} disabled={!can} options={m.createList} onChange={(e) => set({ create_all: e.target.value === "true" })} />
        </Row>
        <Row label={m.stages} hint={m.stagesHint}>
          <div className="flex flex-col gap-2">
            {m.whenList.map((when) => (
              <SelectField
                key={when.value}
                label={when.label}
                disabled={!can}
                value={draft.stages?.find((o) => o.when === when.value)?.stage ?? ""}
                options={[{ value: "", label: m.noStage }, ...is.stages_there.map((o) => ({ value: o, label: o }))]}
                onChange={(e) => set({ stages: [...(draft.stages ?? []).filter((o) => o.when !== when.value), ...(e.target.value ? [{ when: when.value, stage: e.target.value }] : [])] })}
              />
            ))}
          </div>
        </Row>
        <Row label={m.erase} hint={m.eraseHint}>
          <SelectField label={m.erase} hideLabel value={draft.on_erase} disabled={!can} options={m.eraseList} onChange={(e) => set({ on_erase: e.target.value as Input["on_erase"] })} />
        </Row>
      </div>
      {can && (
        <div className="flex flex-wrap items-center gap-2">
          <Button busy={run.isPending} onClick={() => run.mutate()}>
            {m.dryRun}
          </Button>
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate()}>
            {is.set ? m.save : m.begin}
          </Button>
          <span className="text-meta text-text-3">{is.set ? m.savedEffect : m.beginEffect}</span>
        </div>
      )}
      {run.data && (
        <section aria-label={m.dryRunTitle}>
          <h3 className="text-section font-semibold">{m.dryRunTitle}</h3>
          <p className="pb-2 text-text-2">{m.dryRunSays(formatCount(run.data.changed), formatCount(run.data.created), formatCount(run.data.conflicts))}</p>
          <DryRun run={run.data} />
        </section>
      )}
    </>
  );
}
