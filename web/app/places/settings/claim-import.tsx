import { useState } from "react";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { claims as words } from "@/words/en/claims";

/** Approves the sentences of a CSV file. */
export function ClaimImport({ onClose }: { onClose: () => void }) {
  const { org } = useSession();
  const [csv, setCSV] = useState("");
  const [wrong, setWrong] = useState<string>();
  const bring = useWrite({
    run: async (_: void, header) => settled(await must(api.POST("/v1/claims/import", { params: { header }, body: { csv } }))),
    stale: () => [[org, "claims"]],
    done: (_, r) => {
      onClose();
      if (r) toast.say(words.imported(r.approved, r.known));
    },
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={words.import}
      about={words.importAbout}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" busy={bring.isPending} why={csv ? undefined : words.chooseFirst} onClick={() => bring.mutate()}>
            {words.importDo}
          </Button>
        </>
      }
    >
      <Field label={words.file} error={wrong}>
        {(ids) => (
          <input
            {...ids}
            type="file"
            accept=".csv,text/csv"
            className="text-table"
            onChange={(e) => {
              setWrong(undefined);
              void e.target.files?.[0]?.text().then(setCSV);
            }}
          />
        )}
      </Field>
    </Modal>
  );
}
