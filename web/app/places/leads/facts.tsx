import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { facts as words } from "@/words/en/facts";
import { leadFactsOptions, type Lead } from "./queries";

type Fact = Schemas["Fact"];

/** What may be said of a person and their company, each with where it is from. */
export function FactsSection({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const may = useMay("leads:write") && !useAt();
  const [adding, setAdding] = useState(false);
  const known = useQuery(leadFactsOptions(org, lead.id));
  const mayTell = useMay("pii:read");
  const lookUp = useWrite({
    run: (_: void, header) => must(api.POST("/v1/leads/{id}/facts/lookup", { params: { path: { id: lead.id }, header } })),
    stale: () => [[org, "leads"]],
    done: () => toast.say(words.lookedUp),
  });
  const withdraw = useWrite({
    run: (f: Fact, header) => must(api.POST("/v1/facts/{id}/withdraw", { params: { path: { id: f.id }, header } })),
    stale: () => [[org, "leads"]],
    done: () => toast.say(words.withdrawn),
  });
  return (
    <Section title={words.title}>
      {known.data?.data.length === 0 && !adding && <p className="pt-2 text-table text-text-3">{words.empty}</p>}
      <FactRows facts={known.data?.data ?? []} onWithdraw={may ? withdraw.mutate : undefined} />
      {may && !adding && (
        <div className="mt-2 -ml-2 flex flex-wrap gap-2">
          <Button size="small" look="quiet" onClick={() => setAdding(true)}>
            {words.add}
          </Button>
          {mayTell && known.data?.provider && (
            <Button size="small" look="quiet" title={words.lookUpAbout} busy={lookUp.isPending} onClick={() => lookUp.mutate()}>
              {words.lookUp(known.data.provider)}
            </Button>
          )}
        </div>
      )}
      {adding && <AddFact lead={lead} onClose={() => setAdding(false)} />}
    </Section>
  );
}

/** Facts, each with where it is from; an address that ends in #fact- and its id leads to it. */
export function FactRows({ facts, onWithdraw }: { facts: Fact[]; onWithdraw?: (f: Fact) => void }) {
  return (
    <ul className="flex flex-col gap-2 pt-2 text-table">
      {facts.map((f) => (
        <li key={f.id} id={`fact-${f.id}`} className="group min-w-0 scroll-mt-16 target:bg-accent-soft">
          <p className={f.usable ? "break-words" : "break-words text-text-3 line-through"}>{f.text}</p>
          <p className="flex flex-wrap items-center gap-x-2 text-meta text-text-3">
            {f.source_url && <Source url={f.source_url} />}
            <span>
              {words.methods[f.method]} <Time at={f.found_at} />
            </span>
            {!f.usable && <span>{words.notSaid(words.stale[f.stale_reason ?? ""] ?? "")}</span>}
            {onWithdraw && f.usable && (
              <button type="button" className="min-h-6 text-accent-text hover:underline" onClick={() => onWithdraw(f)}>
                {words.withdraw}
              </button>
            )}
          </p>
          {f.quote && <p className="text-meta break-words text-text-3">{words.quote(f.quote)}</p>}
        </li>
      ))}
    </ul>
  );
}

function Source({ url }: { url: string }) {
  let host = url;
  try {
    host = new URL(url).host;
  } catch {
    // shown as it is
  }
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className="text-accent-text hover:underline">
      {host}
    </a>
  );
}

function AddFact({ lead, onClose }: { lead: Lead; onClose: () => void }) {
  const { org } = useSession();
  const [about, setAbout] = useState<"lead" | "company">("company");
  const [predicate, setPredicate] = useState<keyof typeof words.predicates>("uses");
  const [object, setObject] = useState("");
  const [source, setSource] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const write = useWrite({
    run: (_: void, header) =>
      must(api.POST("/v1/leads/{id}/facts", { params: { path: { id: lead.id }, header }, body: { facts: [{ about, predicate, object: object.trim(), source_url: source.trim() || undefined }] } })),
    stale: () => [[org, "leads"]],
    done: () => {
      toast.say(words.added);
      onClose();
    },
    onProblem: (p) => {
      if (!p.problem.errors?.length) return;
      setWrong(Object.fromEntries(p.problem.errors.map((e) => [e.field, e.reason])));
      return true;
    },
  });
  return (
    <form
      className="mt-3 flex flex-col gap-3"
      onSubmit={(e) => {
        e.preventDefault();
        write.mutate();
      }}
    >
      <SelectField label={words.about} value={about} onChange={(e) => setAbout(e.target.value as typeof about)} options={Object.entries(words.abouts).map(([value, label]) => ({ value, label }))} error={wrong.about} />
      <SelectField
        label={words.predicate}
        value={predicate}
        onChange={(e) => setPredicate(e.target.value as typeof predicate)}
        options={Object.entries(words.predicates).map(([value, label]) => ({ value, label }))}
        error={wrong.predicate}
      />
      <TextField label={words.object} hint={words.objectHint} value={object} onChange={(e) => setObject(e.target.value)} maxLength={500} required autoFocus error={wrong.object} />
      <TextField label={words.source} hint={words.sourceHint} type="url" value={source} onChange={(e) => setSource(e.target.value)} maxLength={2000} error={wrong.source_url} />
      <div className="flex gap-2">
        <Button type="submit" size="small" look="primary" busy={write.isPending}>
          {words.save}
        </Button>
        <Button size="small" onClick={onClose}>
          {words.cancel}
        </Button>
      </div>
    </form>
  );
}
