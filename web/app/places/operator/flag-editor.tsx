import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { CheckField, TextArea, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { platform } from "./client";
import { instantOf, localOf, wordsOf } from "./flag-rules";

type Flag = Schemas["Flag"];
const s = w.operator;

/** A flag's rule. What it would change is asked before it is set, and stands on the button. */
export function FlagEditor({ flag, onClose }: { flag?: Flag; onClose: () => void }) {
  const r = flag?.rule;
  const [name, setName] = useState(flag?.name ?? "");
  const [form, setForm] = useState({
    description: r?.description ?? "",
    enabled: r?.enabled ?? true,
    rollout: String((r?.rollout ?? 0) / 100),
    plans: r?.plans.join(", ") ?? "",
    organizations: r?.organizations.join("\n") ?? "",
    starts: localOf(r?.starts_at),
    ends: localOf(r?.ends_at),
    note: "",
  });
  const [wrong, setWrong] = useState("");
  const body = (): Schemas["FlagSet"] => ({
    description: form.description,
    enabled: form.enabled,
    rollout: Math.round(Number(form.rollout) * 100),
    plans: wordsOf(form.plans),
    organizations: wordsOf(form.organizations),
    starts_at: instantOf(form.starts),
    ends_at: instantOf(form.ends),
    note: form.note || undefined,
  });
  const tell = (err: unknown) => setWrong(err instanceof ProblemError ? (err.status === 412 ? s.clash : [err.problem.errors?.[0]?.field, err.problem.errors?.[0]?.reason].filter(Boolean).join(" ") || err.problem.detail || err.problem.title) : String(err));
  const effect = useMutation({
    mutationFn: () => must(platform.POST("/v1/platform/flags/{name}/effect", { params: { path: { name } }, body: body() })),
    onMutate: () => setWrong(""),
    onError: tell,
  });
  const save = useWrite({
    run: (_: void, headers) => must(platform.PUT("/v1/platform/flags/{name}", { params: { path: { name }, header: { ...headers, "If-Match": `"${flag?.version ?? 0}"` } }, body: body() })),
    stale: () => [["operator", "flags"]],
    done: onClose,
    onProblem: (err) => {
      tell(err);
      return true;
    },
  });
  const set = (change: Partial<typeof form>) => {
    setForm({ ...form, ...change });
    effect.reset();
  };
  const seen = effect.data;
  return (
    <Modal open onClose={onClose} title={flag?.name ?? s.addFlag} about={flag?.guards || undefined} wide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          if (seen) save.mutate();
          else effect.mutate();
        }}
      >
        {!flag && <TextField label={s.flagName} hint={s.flagNameHint} required pattern="[a-z0-9_]+" maxLength={60} value={name} onChange={(e) => setName(e.target.value)} />}
        <TextField label={s.flagDescription} maxLength={500} value={form.description} onChange={(e) => set({ description: e.target.value })} />
        <CheckField label={s.flagEnabled} hint={s.flagEnabledHint} checked={form.enabled} onChange={(e) => set({ enabled: e.target.checked })} />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={s.flagRollout} hint={s.flagRolloutHint} type="number" min={0} max={100} step={0.01} required value={form.rollout} onChange={(e) => set({ rollout: e.target.value })} />
          <TextField label={s.flagPlans} hint={s.flagPlansHint} value={form.plans} onChange={(e) => set({ plans: e.target.value })} />
          <TextField label={s.flagStarts} hint={s.flagZone} type="datetime-local" value={form.starts} onChange={(e) => set({ starts: e.target.value })} />
          <TextField label={s.flagEnds} hint={s.flagZone} type="datetime-local" value={form.ends} onChange={(e) => set({ ends: e.target.value })} />
        </div>
        <TextArea label={s.flagOrganizations} hint={s.flagOrganizationsHint} rows={2} className="mono" value={form.organizations} onChange={(e) => set({ organizations: e.target.value })} />
        <TextField label={s.flagNote} hint={s.flagNoteHint} maxLength={500} value={form.note} onChange={(e) => setForm({ ...form, note: e.target.value })} />
        {wrong && (
          <p role="alert" className="text-bad">
            {wrong}
          </p>
        )}
        {seen && (
          <div role="status" className="border-t pt-3">
            <p>{s.tried(formatCount(seen.reached), formatCount(seen.organizations), formatCount(seen.gain), formatCount(seen.lose))}</p>
            <ul className="mt-1 text-table text-text-2">
              {seen.examples.map((x) => (
                <li key={x.organization_id}>
                  {x.name} <span className="mono text-text-3">{x.slug}</span> ({x.plan}) {x.on ? s.gets : s.loses}
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={effect.isPending || save.isPending}>
            {seen ? s.setFlag(formatCount(seen.reached)) : s.tryRule}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
