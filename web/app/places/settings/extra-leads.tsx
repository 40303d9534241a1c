import { useState } from "react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { billing as s, money } from "@/words/en/billing";

/** How many leads beyond the plan may be processed, with what that costs at most. */
export function ExtraLeads({ allowed, amount, currency }: { allowed: number; amount: number; currency: string }) {
  const { org } = useSession();
  const [text, setText] = useState<string>();
  const n = Number(text ?? allowed);
  const save = useWrite({
    run: async (max: number, headers) => must(api.PUT("/v1/billing/extra-leads", { params: { header: headers }, body: { max } })),
    stale: () => [[org, "billing"], [org, "usage"]],
    done: () => {
      setText(undefined);
      toast.say(s.extraSaved);
    },
  });
  const fits = Number.isInteger(n) && n >= 0 && n <= 1_000_000;
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(e) => {
        e.preventDefault();
        if (fits && n !== allowed) save.mutate(n);
      }}
    >
      <TextField label={s.extraLeads} hint={s.extraHint(money(amount, currency))} inputMode="numeric" className="w-full max-w-md" value={text ?? String(allowed)} onChange={(e) => setText(e.target.value)} />
      {fits && n !== allowed && (
        <Button type="submit" busy={save.isPending}>
          {s.extraSave(n, money(n * amount, currency))}
        </Button>
      )}
    </form>
  );
}
