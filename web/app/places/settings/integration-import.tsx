import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Confirm } from "@/app/confirm";
import { CheckField, SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { crmMap as m } from "@/words/en/settings-crm";
import { listsOptions } from "./integration-queries";

/** Contacts of a CRM as an import. */
export function ImportContacts({ integration: x, onClose }: { integration: Schemas["Integration"]; onClose: () => void }) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const lists = useQuery(listsOptions(org, x.id));
  const [list, setList] = useState("");
  const [dry, setDry] = useState(true);
  const [duplicate, setDuplicate] = useState<"skip" | "update">("skip");
  const [basis, setBasis] = useState("");
  const send = useWrite({
    run: (_: void, headers) => must(api.POST("/v1/integrations/{id}/imports", { params: { path: { id: x.id }, header: headers }, body: { dry_run: dry, on_duplicate: duplicate, list_id: list || undefined, lawful_basis: basis || undefined } })),
    stale: () => [
      [org, "integrations"],
      [org, "imports"],
    ],
    done: () => {
      onClose();
      toast.say(m.importAsked);
      void go({ to: `/o/${slug}/imports` as "/" });
    },
  });
  return (
    <Confirm title={m.importTitle} about={m.importAbout} action={dry ? m.importCheck : m.importDo} busy={send.isPending} onDo={() => send.mutate()} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <SelectField label={m.which} value={list} options={[{ value: "", label: m.allContacts }, ...(lists.data ?? []).map((l) => ({ value: l.id, label: l.name }))]} onChange={(e) => setList(e.target.value)} />
        <SelectField label={m.duplicates} value={duplicate} options={m.duplicateList} onChange={(e) => setDuplicate(e.target.value as "skip" | "update")} />
        <TextField label={m.basis} hint={m.basisHint} maxLength={100} placeholder="legitimate interest" value={basis} onChange={(e) => setBasis(e.target.value)} />
        <CheckField label={m.dryImport} hint={m.dryImportHint} checked={dry} onChange={(e) => setDry(e.target.checked)} />
      </div>
    </Confirm>
  );
}
