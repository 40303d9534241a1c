import { useState } from "react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import type { Entry } from "./queries";
import type { ThreadActions } from "./thread-actions";

/** Whoever has twenty answers that say no wants to be done with them at once. One after the other, and undone the same way. */
export function DoneWithAll({ entries, actions }: { entries: Entry[]; actions: ThreadActions }) {
  const { org } = useSession();
  const [sofar, setSofar] = useState<number>();
  const each = async (list: Entry[], body: (e: Entry) => { status: Entry["status"]; snoozed_until?: string }) => {
    for (const [n, e] of list.entries()) {
      setSofar(n);
      await must(api.PATCH("/v1/inbox/{id}", { params: { path: { id: e.id }, header: { "Idempotency-Key": crypto.randomUUID() } }, body: body(e) }));
    }
  };
  const back = useWrite({ run: (list: Entry[]) => each(list, (e) => ({ status: e.status, snoozed_until: e.snoozed_until })).finally(() => setSofar(undefined)), stale: () => [[org, "inbox"]], done: (list) => list.forEach((e) => actions.come(e.id)) });
  const run = useWrite({
    run: (list: Entry[]) => each(list, () => ({ status: "done" })).finally(() => setSofar(undefined)),
    stale: () => [[org, "inbox"]],
    done: (list) => {
      for (const e of list) actions.go(e.id);
      toast.say(w.inbox.doneAllSaid(list.length), () => back.mutate(list));
    },
  });
  return (
    <Button size="small" busy={run.isPending || back.isPending} onClick={() => run.mutate(entries)}>
      {sofar === undefined ? w.inbox.doneAll(entries.length) : w.leads.progress(sofar, entries.length)}
    </Button>
  );
}
