import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { ai as s } from "@/words/en/settings-ai";
import { draftsOf, limitIn, microsOf, places, tasks, tasksIn, type Task, type TaskDraft } from "./ai-rules";

type Settings = Schemas["AISettings"];

/** Who is asked, with which models, and how much it may cost. */
export function AIForm({ settings: x, onClose }: { settings: Settings; onClose: () => void }) {
  const { org } = useSession();
  const [own, setOwn] = useState(x.provider === "own" || !x.platform_available);
  const [url, setUrl] = useState(x.base_url ?? "");
  const [key, setKey] = useState("");
  const [drafts, setDrafts] = useState(draftsOf(x));
  const [limit, setLimit] = useState(places(x.limit_micros ?? 0));
  const [leadLimit, setLeadLimit] = useState(places(x.lead_limit_micros ?? 0));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const set = (task: Task, change: Partial<TaskDraft>) => setDrafts((d) => ({ ...d, [task]: { ...d[task], ...change } }));
  const sent = tasksIn(drafts, own);
  const body: Schemas["AISettingsSet"] = {
    provider: own ? "own" : "platform",
    base_url: own ? url.trim() : undefined,
    key: own && key ? key : undefined,
    tasks: sent,
    limit_micros: limitIn(limit),
    lead_limit_micros: limitIn(leadLimit),
  };
  const save = useWrite({
    run: async (_: void, headers) => settled(await must(api.PUT("/v1/ai/settings", { params: { header: { ...headers, "If-Match": `"${x.version}"` } }, body }))),
    stale: () => [[org, "ai"]],
    done: () => {
      toast.say(s.saved);
      onClose();
    },
    onProblem: (err) => {
      const list = err.problem.errors ?? [];
      const at = (field: string) => field.replace(/^tasks\.(\d+)\..*/, (_, n: string) => `task.${sent[Number(n)]?.task}`);
      setWrong(list.length ? Object.fromEntries(list.map((e) => [at(e.field), e.reason])) : { "": err.problem.detail || err.problem.title });
      return true;
    },
  });
  const kept = x.has_key && x.base_url === url.trim();
  return (
    <Modal open wide onClose={onClose} title={s.formTitle} about={s.formAbout}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(e) => {
          e.preventDefault();
          setWrong({});
          save.mutate();
        }}
      >
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-table font-medium text-text-2">{s.provider}</legend>
          {[false, true].map((o) => (
            <label key={String(o)} className="flex min-h-6 items-center gap-2">
              <input type="radio" name="provider" className="size-4 accent-(--accent)" checked={own === o} disabled={!o && !x.platform_available} onChange={() => setOwn(o)} /> {s.providers[o ? "own" : "platform"]}
              {!o && !x.platform_available && <span className="text-meta text-text-3">{s.noPlatform}</span>}
            </label>
          ))}
        </fieldset>
        {own && (
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField label={s.url} hint={s.urlHint} type="url" required maxLength={500} placeholder="https://api.openai.com/v1" value={url} error={wrong.base_url} onChange={(e) => setUrl(e.target.value)} />
            <TextField label={s.key} hint={kept ? s.keyHintKept : s.keyHint} type="password" autoComplete="off" maxLength={500} value={key} error={wrong.key} onChange={(e) => setKey(e.target.value)} />
          </div>
        )}
        <div className="flex flex-col gap-3 border-t pt-3">
          {tasks.map((t) =>
            own ? (
              <OwnModel key={t} task={t} draft={drafts[t]} error={wrong[`task.${t}`]} onChange={(c) => set(t, c)} />
            ) : (
              <SelectField
                key={t}
                label={s.modelFor(s.tasks[t]!)}
                value={drafts[t].model}
                error={wrong[`task.${t}`]}
                options={[{ value: "", label: s.chosenByOperator }, ...x.models.filter((m) => m.tasks.includes(t)).map((m) => ({ value: m.name, label: m.name }))]}
                onChange={(e) => set(t, { model: e.target.value })}
              />
            ),
          )}
          {own && <p className="text-meta text-text-3">{s.priceHint}</p>}
        </div>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <LimitField label={s.limit} hint={s.limitHint} value={limit} error={wrong.limit_micros} onChange={setLimit} />
          <LimitField label={s.leadLimit} hint={s.leadLimitHint} value={leadLimit} error={wrong.lead_limit_micros} onChange={setLeadLimit} />
        </div>
        {(wrong[""] || wrong.tasks) && (
          <p role="alert" className="text-bad">
            {wrong[""] ?? wrong.tasks}
          </p>
        )}
        <div className="sticky bottom-[-16px] flex justify-end gap-2 border-t bg-surface-0 py-3">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            {s.save}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function LimitField({ value, error, onChange, ...rest }: { label: string; hint: string; value: string; error?: string; onChange: (text: string) => void }) {
  return <TextField {...rest} inputMode="decimal" value={value} error={value.trim() && microsOf(value) === undefined ? s.amount : error} onChange={(e) => onChange(e.target.value)} />;
}

function OwnModel({ task, draft: d, error, onChange }: { task: Task; draft: TaskDraft; error?: string; onChange: (c: Partial<TaskDraft>) => void }) {
  return (
    <div className="grid items-start gap-x-3 gap-y-2 sm:grid-cols-[minmax(0,1fr)_6rem_6rem_6rem]">
      <TextField label={s.modelFor(s.tasks[task]!)} maxLength={100} placeholder={s.sameAsOther} value={d.model} error={error} onChange={(e) => onChange({ model: e.target.value })} />
      {(["input", "cached", "output"] as const).map((k) => (
        <TextField key={k} label={s.priceOf[k]!} aria-label={`${s.modelFor(s.tasks[task]!)}: ${s.priceOf[k]}, ${s.prices}`} inputMode="decimal" placeholder="0.00" value={d[k]} onChange={(e) => onChange({ [k]: e.target.value })} />
      ))}
    </div>
  );
}
