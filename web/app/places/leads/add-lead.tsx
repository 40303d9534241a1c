import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { PlaceLink } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";

const fields = ["email", "first_name", "last_name", "company_name", "job_title", "country"] as const;

/** One person by hand; an address that is known leads to who has it. */
export default function AddLead({ onClose }: { onClose: () => void }) {
  const { org } = useSession();
  const { open } = usePeek();
  const [typed, setTyped] = useState<Partial<Record<(typeof fields)[number], string>>>({});
  const [problem, setProblem] = useState<ProblemError>();
  const add = useWrite({
    run: (_: void, header) => {
      const body = Object.fromEntries(Object.entries(typed).filter(([, v]) => v?.trim())) as unknown as Schemas["LeadCreate"];
      return must(api.POST("/v1/leads", { body, params: { header } }));
    },
    stale: () => [[org, "leads"], [org, "lead-rows"]],
    done: (_, made) => {
      toast.say(w.leads.added(typed.email ?? ""));
      onClose();
      if ("email" in made || "tags" in made) open("lead:" + made.id);
    },
    onProblem: (err) => (setProblem(err), true),
  });
  const at = (f: string) => problem?.problem.errors?.find((e) => e.field === f)?.reason;
  const known = problem?.status === 409 ? (problem.problem as { id?: string }).id : undefined;
  return (
    <Modal open onClose={onClose} title={w.leads.addTitle}>
      <form
        className="grid grid-cols-2 gap-3 max-sm:grid-cols-1"
        onSubmit={(e) => {
          e.preventDefault();
          add.mutate();
        }}
      >
        {fields.map((f) => (
          <TextField key={f} label={w.leads.column[f]!} type={f === "email" ? "email" : "text"} required={f === "email"} autoFocus={f === "email"} className={f === "email" ? "sm:col-span-2" : ""} value={typed[f] ?? ""} error={at(f)} onChange={(e) => setTyped({ ...typed, [f]: e.target.value })} />
        ))}
        {problem && !problem.problem.errors?.length && (
          <p role="alert" className="text-bad sm:col-span-2">
            {problem.status === 409 ? w.leads.exists : problem.message} {known && <PlaceLink to={`/leads/${known}`}>{w.leads.openExisting}</PlaceLink>}
          </p>
        )}
        <div className="flex justify-end gap-2 sm:col-span-2">
          <Button onClick={onClose}>{w.leads.cancel}</Button>
          <Button type="submit" look="primary" busy={add.isPending}>
            {w.leads.addSubmit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
