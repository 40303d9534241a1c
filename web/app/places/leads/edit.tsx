import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { personName } from "@/app/names";
import { queries, useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import type { ProblemError } from "@/api/problem";
import { w } from "@/words";
import { changed, differences, editable, fieldsOf, patchOf, type Difference, type Fields } from "./conflict";
import { ConflictTable } from "./conflict-table";
import { leadOptions, type Lead } from "./queries";

const labelOf = (f: string) => (f.startsWith("custom.") ? w.leads.custom(f.slice(7)) : (w.leads.column[f] ?? f));

/** Saves only what was changed, of the version that was read; what is typed is kept until the server has it. */
export function EditLead({ lead: first, onClose }: { lead: Lead; onClose: () => void }) {
  const { org } = useSession();
  const [lead] = useState(first);
  const base = fieldsOf(lead);
  const keep = `outrider.draft.lead.${lead.id}`;
  const kept = readKept(keep);
  const [typed, setTyped] = useState<Fields>({ ...base, ...kept });
  const [problem, setProblem] = useState<ProblemError>();
  const [conflict, setConflict] = useState<{ now: Schemas["Lead"]; list: Difference[] }>();
  const [chosen, setChosen] = useState<Record<string, "mine" | "theirs">>({});
  const [newField, setNewField] = useState("");
  const set = (f: string, v: string) => {
    const next = { ...typed, [f]: v };
    setTyped(next);
    localStorage.setItem(keep, JSON.stringify(changed(base, next)));
  };
  const finish = () => {
    localStorage.removeItem(keep);
    onClose();
  };
  const save = useWrite({
    run: (a: { version: number; change: Fields }, header) => must(api.PATCH("/v1/leads/{id}", { params: { path: { id: lead.id }, header: { ...header, "If-Match": `"${a.version}"` } }, body: patchOf(a.change) })),
    stale: () => [[org, "leads"], [org, "lead-rows"]],
    done: () => {
      toast.say(w.leads.saved);
      finish();
    },
    onProblem: (err, a) => {
      if (err.status !== 412) return setProblem(err), true;
      void queries.fetchQuery({ ...leadOptions(org, lead.id), staleTime: 0 }).then((now) => {
        const list = differences(base, typed, fieldsOf(now));
        if (list.length) setConflict({ now, list });
        else save.mutate({ version: now.version, change: a.change });
      });
      return true;
    },
  });
  const submit = () => {
    const change = changed(base, typed);
    if (Object.keys(change).length === 0) return finish();
    setProblem(undefined);
    save.mutate({ version: lead.version, change });
  };
  const resolve = () => {
    const change = changed(base, typed);
    for (const d of conflict!.list) if (chosen[d.field] !== "mine") delete change[d.field];
    if (Object.keys(change).length === 0) return finish();
    save.mutate({ version: conflict!.now.version, change });
  };
  const at = (f: string) => problem?.problem.errors?.find((e) => e.field === f)?.reason;
  const own = Object.keys(typed).filter((k) => k.startsWith("custom."));
  const field = (f: string) => <TextField key={f} label={labelOf(f)} value={typed[f] ?? ""} error={at(f)} onChange={(e) => set(f, e.target.value)} />;
  if (conflict)
    return (
      <Modal
        open
        wide
        onClose={onClose}
        title={w.leads.conflictTitle}
        about={w.leads.conflictAbout}
        footer={
          <>
            <Button onClick={onClose}>{w.leads.cancel}</Button>
            <Button look="primary" busy={save.isPending} onClick={resolve}>
              {w.leads.conflictSave}
            </Button>
          </>
        }
      >
        <ConflictTable list={conflict.list} chosen={chosen} labelOf={labelOf} onChoose={(f, c) => setChosen({ ...chosen, [f]: c })} />
      </Modal>
    );
  return (
    <Modal
      open
      wide
      onClose={onClose}
      title={w.leads.editTitle(personName(lead))}
      about={Object.keys(kept).length ? w.leads.typedBefore : undefined}
      footer={
        <>
          {Object.keys(kept).length > 0 && (
            <Button
              look="quiet"
              className="mr-auto"
              onClick={() => {
                localStorage.removeItem(keep);
                setTyped(base);
              }}
            >
              {w.leads.startOver}
            </Button>
          )}
          <Button onClick={onClose}>{w.leads.cancel}</Button>
          <Button look="primary" busy={save.isPending} onClick={submit}>
            {w.leads.save}
          </Button>
        </>
      }
    >
      {problem && !problem.problem.errors?.length && (
        <p role="alert" className="mb-3 text-bad">
          {problem.problem.title}: {problem.problem.detail}
        </p>
      )}
      <form
        className="grid grid-cols-2 gap-3 max-sm:grid-cols-1"
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        {editable.map(field)}
        {own.length > 0 && <h3 className="col-span-full mt-2 font-medium">{w.leads.ownFields}</h3>}
        {own.map(field)}
        <div className="col-span-full flex items-end gap-2">
          <TextField label={w.leads.newField} hint={w.leads.newFieldHint} value={newField} className="w-64" onChange={(e) => setNewField(e.target.value.toLowerCase().replace(/[^a-z0-9_]/g, "_"))} />
          <Button
            className="mb-5"
            why={newField ? undefined : w.leads.newFieldHint}
            onClick={() => {
              set("custom." + newField, "");
              setNewField("");
            }}
          >
            {w.leads.newFieldAdd}
          </Button>
        </div>
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}

function readKept(key: string): Fields {
  try {
    const v = JSON.parse(localStorage.getItem(key) ?? "{}") as Fields;
    return v && typeof v === "object" ? v : {};
  } catch {
    return {};
  }
}
