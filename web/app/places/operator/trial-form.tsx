import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { flagTrials as s } from "@/words/en/flag-trials";
import { platform } from "./client";

/** What an experiment over organisations compares, and for how long. */
export function TrialForm({ flags, onClose }: { flags: string[]; onClose: () => void }) {
  const [flag, setFlag] = useState(flags[0]!);
  const [form, setForm] = useState({ name: "", hypothesis: "", metric: "human_reply", days: "28", least: "10" });
  const [wrong, setWrong] = useState("");
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const start = useWrite({
    run: (_: void, headers) =>
      must(
        platform.POST("/v1/platform/experiments", {
          params: { header: headers },
          body: { flag, name: form.name, hypothesis: form.hypothesis || undefined, metric: form.metric as Schemas["PlatformExperimentMetric"], days: Number(form.days), min_organizations: Number(form.least) },
        }),
      ),
    stale: () => [["operator", "trials"]],
    done: onClose,
    onProblem: (err) => {
      setWrong([err.problem.errors?.[0]?.field, err.problem.errors?.[0]?.reason].filter(Boolean).join(" ") || err.problem.detail || err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.start} about={s.about}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          start.mutate();
        }}
      >
        <TextField label={s.name} required maxLength={200} value={form.name} onChange={(e) => set({ name: e.target.value })} />
        <TextField label={s.hypothesis} maxLength={1000} value={form.hypothesis} onChange={(e) => set({ hypothesis: e.target.value })} />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={s.flag} value={flag} onChange={(e) => setFlag(e.target.value)} options={flags.map((value) => ({ value, label: value }))} />
          <SelectField label={s.metric} value={form.metric} onChange={(e) => set({ metric: e.target.value })} options={Object.entries(s.metrics).map(([value, label]) => ({ value, label }))} />
          <TextField label={s.days} type="number" min={1} max={365} required value={form.days} onChange={(e) => set({ days: e.target.value })} />
          <TextField label={s.least} type="number" min={2} max={100_000} required value={form.least} onChange={(e) => set({ least: e.target.value })} />
        </div>
        {wrong && (
          <p role="alert" className="text-bad">
            {wrong}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={start.isPending}>
            {s.begin(flag)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
