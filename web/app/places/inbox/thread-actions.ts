import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useMembers } from "@/app/names";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { threadOptions, type Thread } from "./queries";
import { belongs, undoOf, type Before, type Patch, type ThreadScope } from "./scopes";

export type ThreadActions = ReturnType<typeof useThreadActions>;

/** What is to be done about a conversation: at once on the screen, taken back where the server refuses, and undone by the values of before. */
export function useThreadActions(scope: ThreadScope) {
  const { org, me } = useSession();
  const client = useQueryClient();
  const members = useMembers();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const hide = (id: string, on: boolean) =>
    setLeft((s) => {
      const next = new Set(s);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  const write = useWrite({
    run: (a: { id: string; patch: Patch; before: Before }, header) => must(api.PATCH("/v1/inbox/{id}", { params: { path: { id: a.id }, header }, body: a.patch })),
    stale: () => [[org, "inbox"]],
    onProblem: (_, a) => {
      hide(a.id, false);
      client.setQueryData(threadOptions(org, a.id).queryKey, (t: Thread | undefined) => t && { ...t, ...a.before });
    },
  });
  const set = (id: string, patch: Patch, before: Before, say?: string) => {
    if (patch.status && !belongs(scope, patch.status)) hide(id, true);
    client.setQueryData(threadOptions(org, id).queryKey, (t: Thread | undefined) => t && { ...t, ...patch, assignee: patch.assignee === null ? undefined : (patch.assignee ?? t.assignee) });
    write.mutate(
      { id, patch, before },
      {
        onSuccess: () => {
          const back = undoOf(patch, before);
          if (say)
            toast.say(say, () => {
              hide(id, false);
              write.mutate({ id, patch: back, before: { ...before, ...patch } as Before });
            });
        },
      },
    );
  };
  return {
    left,
    come: (id: string) => hide(id, false),
    go: (id: string) => hide(id, true),
    done: (id: string, before: Before) => set(id, { status: "done" }, before, w.inbox.doneSaid),
    reopen: (id: string, before: Before) => set(id, { status: "needs_answer" }, before, w.inbox.reopened),
    snooze: (id: string, until: Date, before: Before) => set(id, { status: "snoozed", snoozed_until: until.toISOString() }, before, w.inbox.snoozed(formatAbsolute(until, zone()))),
    assign: (id: string, to: string | null, before: Before) => set(id, { assignee: to }, before, to ? w.inbox.assigned(to === me.id ? w.inbox.assignMe.toLowerCase() : nameOf(members, to)) : w.inbox.unassigned),
    unread: (id: string, before: Before) => set(id, { unread: true }, before, w.inbox.markedUnread),
    read: (id: string, before: Before) => set(id, { unread: false }, before),
  };
}

export const nameOf = (members: Schemas["Member"][], id: string) => {
  const m = members.find((x) => x.id === id);
  return [m?.first_name, m?.last_name].filter(Boolean).join(" ") || m?.email || "";
};
