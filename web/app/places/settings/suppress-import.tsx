import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Field, SelectField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { formatBytes, formatCount } from "@/words/format";

const s = w.settings.suppressions;
type Reason = NonNullable<Schemas["SuppressionImportCreate"]["reason"]>;

/** A list that comes as a file: what became of each row is said at once. */
export function ImportSuppressions({ onClose }: { onClose: () => void }) {
  const { org } = useSession();
  const [file, setFile] = useState<File>();
  const [reason, setReason] = useState<Reason>("import");
  const [wrong, setWrong] = useState("");
  const send = useWrite({
    run: async (_: void, headers) =>
      settled(
        await must(
          api.POST("/v1/suppressions/import", {
            params: { header: headers },
            body: { file: file as unknown as string, reason },
            bodySerializer: () => {
              const form = new FormData();
              form.set("reason", reason);
              form.set("file", file!);
              return form;
            },
          }),
        ),
      ),
    stale: () => [[org, "suppressions"], [org, "leads"], [org, "plan"]],
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  const r = send.data;
  return (
    <Modal
      open
      wide={!!r?.problems.length}
      onClose={onClose}
      title={s.importTitle}
      about={r ? undefined : s.importAbout}
      footer={
        r ? (
          <Button look="primary" onClick={onClose}>
            {w.settings.done}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{w.settings.cancel}</Button>
            <Button look="primary" busy={send.isPending} why={file ? undefined : s.chooseFile} onClick={() => send.mutate()}>
              {file ? s.importDo(file.name) : s.import}
            </Button>
          </>
        )
      }
    >
      {r ? (
        <div className="flex flex-col gap-4">
          <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
            {(["rows", "added", "already", "refused"] as const).map((k) => (
              <div key={k}>
                <dt className="text-table text-text-3">{s.results[k]}</dt>
                <dd className="text-section font-semibold">{formatCount(r[k])}</dd>
              </div>
            ))}
          </dl>
          {r.problems.length > 0 && (
            <table className="w-full text-left text-table">
              <thead className="text-text-3">
                <tr className="border-b">
                  <th className="py-1.5 pr-4 font-medium">{s.row}</th>
                  <th className="py-1.5 pr-4 font-medium">{s.value}</th>
                  <th className="py-1.5 font-medium">{s.why}</th>
                </tr>
              </thead>
              <tbody>
                {r.problems.slice(0, 200).map((p) => (
                  <tr key={p.row + p.value} className="border-b">
                    <td className="py-1.5 pr-4">{p.row}</td>
                    <td className="py-1.5 pr-4 break-all">{p.value}</td>
                    <td className="py-1.5">{p.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <Field label={s.file} hint={file ? formatBytes(file.size) : s.fileHint} error={wrong || undefined}>
            {(ids) => <input {...ids} type="file" accept=".csv,.txt,.tsv,.xlsx,text/csv,text/plain" onChange={(e) => (setFile(e.target.files?.[0]), setWrong(""))} className="text-table file:mr-3 file:h-8 file:rounded-control file:border file:border-control file:bg-surface-0 file:px-3" />}
          </Field>
          <SelectField label={s.reasonOfRows} value={reason} onChange={(e) => setReason(e.target.value as Reason)} options={(["import", "manual", "unsubscribe", "bounce", "complaint"] as Reason[]).map((value) => ({ value, label: s.reasons[value]! }))} />
        </div>
      )}
    </Modal>
  );
}
