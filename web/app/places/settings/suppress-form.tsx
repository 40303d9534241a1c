import { useState } from "react";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, SelectField, TextArea } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { valuesOf } from "./suppress-rules";

const s = w.settings.suppressions;
type Reason = "manual" | "unsubscribe" | "bounce" | "complaint";

export function AddSuppressions({ onClose }: { onClose: () => void }) {
  const { org } = useSession();
  const [text, setText] = useState("");
  const [reason, setReason] = useState<Reason>("manual");
  const [below, setBelow] = useState(true);
  const [wrong, setWrong] = useState<string[]>([]);
  const values = valuesOf(text);
  const domains = values.some((v) => !v.replace(/^@/, "").includes("@"));
  const stale = () => [[org, "suppressions"], [org, "leads"], [org, "plan"]];
  const lift = useWrite({
    run: async (ids: string[], headers) => {
      for (const id of ids) await settled(await must(api.DELETE("/v1/suppressions/{id}", { params: { path: { id }, header: { "Idempotency-Key": headers["Idempotency-Key"] + id } } })));
    },
    stale,
  });
  const add = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/suppressions", { params: { header: headers }, body: { items: values.map((value) => ({ value, reason, ...(below || value.includes("@") ? {} : { subdomains: false }) })) } }))),
    stale,
    done: (_, r) => {
      onClose();
      toast.say(s.added(values.length), r && values.length <= 20 ? () => lift.mutate(r.data.map((x) => x.id)) : undefined);
    },
    onProblem: (err) => {
      const list = err.problem.errors ?? [];
      setWrong(list.length ? list.map((e) => `${values[Number(/\d+/.exec(e.field)?.[0] ?? -1)] ?? e.field}: ${e.reason}`) : [err.problem.detail || err.problem.title]);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.add} about={s.addAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          if (values.length) add.mutate();
        }}
      >
        <TextArea label={s.values} hint={s.valuesHint} rows={5} autoFocus value={text} error={wrong.join("\n") || undefined} onChange={(e) => setText(e.target.value)} />
        <SelectField label={s.reason} value={reason} onChange={(e) => setReason(e.target.value as Reason)} options={(["manual", "unsubscribe", "bounce", "complaint"] as Reason[]).map((value) => ({ value, label: s.reasons[value]! }))} />
        {domains && <CheckField label={s.below} hint={s.belowHint} checked={below} onChange={(e) => setBelow(e.target.checked)} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={add.isPending} why={values.length === 0 ? s.typeFirst : values.length > 500 ? s.tooMany : undefined}>
            {s.addDo(values.length)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
