import { useState } from "react";
import { must } from "@/api/client";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { billing as s } from "@/words/en/billing";
import { platform } from "./client";
import { readOverrides } from "./overrides-rules";

/** Limits that hold for one organisation alone. */
export function Overrides({ organization }: { organization: string }) {
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");
  const save = useWrite({
    run: async (overrides: Record<string, number>, headers) => must(platform.PUT("/v1/admin/organizations/{id}/limits", { params: { path: { id: organization }, header: headers }, body: { overrides, reason } })),
    stale: () => [["operator", "organizations"]],
    done: () => toast.say(s.overridesSaved),
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason || err.problem.detail || err.problem.title);
      return true;
    },
  });
  return (
    <details className="mb-4 border-b pb-3">
      <summary className="min-h-6 cursor-pointer font-medium">{s.overrides}</summary>
      <form
        className="flex flex-col gap-3 pt-3"
        onSubmit={(e) => {
          e.preventDefault();
          const read = readOverrides(text);
          setWrong(read.wrong ? s.overridesWrong(read.wrong) : "");
          if (!read.wrong) save.mutate(read.overrides);
        }}
      >
        <TextArea label={s.overrides} hideLabel hint={s.overridesHint} rows={3} placeholder="mailboxes 60" value={text} error={wrong} onChange={(e) => setText(e.target.value)} />
        <TextField label={s.overridesReason} value={reason} onChange={(e) => setReason(e.target.value)} />
        <Button type="submit" busy={save.isPending} className="self-start">
          {s.overridesSave}
        </Button>
      </form>
    </details>
  );
}
