import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { SaveBar } from "@/app/save-bar";
import { Button } from "@/ui/button";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { TextField } from "@/ui/field";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { scores as s } from "@/words/en/scores";
import { ScoreHistory } from "./score-history";
import { ScorePreview } from "./score-preview";
import { ownFieldsOptions, scoreRulesOptions } from "./score-queries";
import { RuleRow, ruleGrid } from "./score-rule";
import { asked, draftOf, fieldOptions, newRule, type Rule, type RuleSet } from "./score-rules";

/** The rules by which leads are scored: what they would do stands beside them while one changes them. */
export default function ScoresSection() {
  const { org } = useSession();
  const rules = useQuery(scoreRulesOptions(org));
  if (rules.error) return <ProblemNote error={rules.error} onRetry={() => void rules.refetch()} />;
  if (!rules.data) return <SkeletonRows rows={8} />;
  return <Editor server={rules.data} />;
}

function Editor({ server }: { server: Schemas["ScoreRules"] }) {
  const { org } = useSession();
  const may = useMay("organization:manage");
  const own = useQuery(ownFieldsOptions(org));
  const [base, setBase] = useState(server);
  const [draft, setDraft] = useState(() => draftOf(server));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [conflict, setConflict] = useState(false);
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(base));
  useEffect(() => {
    if (server.version === base.version) return;
    if (!changed) setDraft(draftOf(server)); // what is typed stays
    setBase(server);
  }, [server]);
  const body = asked(draft);
  const save = useWrite({
    run: (rules: RuleSet, header) => must(api.PUT("/v1/score-rules", { params: { header: { ...header, "If-Match": `"${base.version}"` } }, body: rules })),
    stale: () => [
      [org, "scores"],
      [org, "leads"],
    ],
    done: (_, r) => {
      setWrong({});
      setConflict(false);
      if ("version" in r) {
        setBase(r);
        setDraft(draftOf(r));
        toast.say(s.set(r.version));
      }
    },
    onProblem: (p) => {
      if (p.status === 412) {
        setConflict(true);
        return true;
      }
      if (!p.problem.errors?.length) return;
      setWrong(Object.fromEntries(p.problem.errors.map((e) => [e.field, e.reason])));
      return true;
    },
  });
  const set = (d: Partial<RuleSet>) => {
    setWrong({});
    setDraft((x) => ({ ...x, ...d }));
  };
  const fields = fieldOptions(own.data ?? [], draft.rules.map((r) => r.field));
  return (
    <div className="grid max-w-[88rem] min-w-0 gap-x-10 gap-y-8 px-4 pb-10 sm:px-6 min-[1400px]:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-8">
        <State server={server} />
        {conflict && (
          <p role="alert" className="rounded-panel bg-warn-soft p-3">
            {s.changedMeanwhile}
          </p>
        )}
        <fieldset disabled={!may} className="flex min-w-0 flex-col gap-8">
          {(["lead", "intent"] as const).map((of) => (
            <Rules key={of} of={of} rules={draft.rules} fields={fields} wrong={wrong} may={may} onChange={(rules) => set({ rules })} />
          ))}
          <Thresholds draft={draft} wrong={wrong} onChange={set} />
        </fieldset>
        <ScoreHistory draft={draft} />
        {may && (changed || server.version === 0) && <SaveBar label={server.version > 0 ? s.save(server.progress.leads) : s.saveFirst} busy={save.isPending} text={changed ? undefined : s.unused} onDiscard={changed ? () => setDraft(draftOf(base)) : undefined} onSave={() => (body ? save.mutate(body) : toast.say(s.invalid))} />}
      </div>
      <aside className="min-w-0 min-[1400px]:sticky min-[1400px]:top-0 min-[1400px]:self-start">
        <ScorePreview draft={draft} />
      </aside>
    </div>
  );
}

function State({ server: r }: { server: Schemas["ScoreRules"] }) {
  if (r.version === 0) return <p className="max-w-[72ch] text-text-2">{s.none}</p>;
  const p = r.progress;
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-table text-text-2" role="status">
      <span className="font-medium text-text-1">{s.state(r.version)}</span>
      {r.set_at && <Time at={r.set_at} />}
      <span>{p.completed_at ? s.scored(p.done) : s.scoring(p.done, p.leads)}</span>
      {r.ages && <span>{s.daily}</span>}
    </p>
  );
}

type RulesProps = { of: Schemas["ScoreOf"]; rules: Rule[]; fields: { value: string; label: string }[]; wrong: Record<string, string>; may: boolean; onChange: (r: Rule[]) => void };

function Rules({ of, rules, fields, wrong, may, onChange }: RulesProps) {
  const mine = rules.map((r, i) => ({ r, i })).filter((x) => x.r.of === of);
  const errorOf = (i: number) => Object.fromEntries(Object.entries(wrong).flatMap(([k, v]) => (k.startsWith(`rules.${i}.`) ? [[k.slice(`rules.${i}.`.length), v]] : [])));
  return (
    <Section
      title={s.of[of]!}
      actions={
        may && (
          <Button size="small" icon={<Plus size={14} aria-hidden />} onClick={() => onChange([...rules, newRule(of, rules.map((r) => r.name))])}>
            {s.add[of]}
          </Button>
        )
      }
    >
      <p className="py-2 text-table text-text-2">{s.ofAbout[of]}</p>
      <div aria-hidden className={`${ruleGrid} border-b pb-1 text-meta text-text-3 max-md:hidden`}>
        {[s.name, s.field, s.test, s.value, s.weight].map((h) => (
          <span key={h}>{h}</span>
        ))}
      </div>
      {mine.length === 0 && <p className="py-2 text-table text-text-3">{s.noRule}</p>}
      <ul>
        {mine.map(({ r, i }) => (
          <RuleRow key={i} rule={r} fields={fields} error={errorOf(i)} onChange={(x) => onChange(rules.map((y, n) => (n === i ? x : y)))} onRemove={() => onChange(rules.filter((_, n) => n !== i))} />
        ))}
      </ul>
    </Section>
  );
}

function Thresholds({ draft, wrong, onChange }: { draft: RuleSet; wrong: Record<string, string>; onChange: (d: Partial<RuleSet>) => void }) {
  const field = (name: "qualified_lead" | "qualified_intent" | "review_lead", label: string) => (
    <TextField type="number" min={0} max={100} label={label} value={draft[name]} error={wrong[name]} onChange={(e) => onChange({ [name]: Math.max(0, Math.min(100, Math.trunc(Number(e.target.value) || 0))) })} />
  );
  return (
    <Section title={s.thresholds}>
      <div className="grid max-w-3xl items-end gap-4 pt-3 sm:grid-cols-3">
        {field("qualified_lead", s.qualifiedLead)}
        {field("qualified_intent", s.qualifiedIntent)}
        {field("review_lead", s.reviewLead)}
      </div>
      <p className="pt-2 text-table text-text-2">{s.between}</p>
    </Section>
  );
}
