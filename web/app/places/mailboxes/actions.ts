import { useNavigate } from "@tanstack/react-router";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import type { Mailbox } from "./queries";

/** What can be done with a mailbox; pausing has its way back. */
export function useMailboxActions(box: Pick<Mailbox, "id" | "address">) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const path = { id: box.id };
  const name = box.address ?? "";
  const stale = () => [
    [org, "mailboxes"],
    [org, "plan"],
    [org, "campaigns"],
  ];
  const pause = useWrite({
    run: (_: void, header) => must(api.POST("/v1/mailboxes/{id}/pause", { params: { path, header } })),
    stale,
    done: () => toast.say(w.mailboxes.pausedNow(name), () => resume.mutate()),
  });
  const resume = useWrite({
    run: (_: void, header) => must(api.POST("/v1/mailboxes/{id}/resume", { params: { path, header } })),
    stale,
    done: () => toast.say(w.mailboxes.resumedNow(name), () => pause.mutate()),
  });
  const verify = useWrite({ run: (_: void, header) => must(api.POST("/v1/mailboxes/{id}/verify", { params: { path, header } })), stale });
  const remove = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/mailboxes/{id}", { params: { path, header } })),
    stale,
    done: () => {
      toast.say(w.mailboxes.removedNow(name));
      void go({ to: `/o/${slug}/mailboxes` as "/" });
    },
  });
  return { pause, resume, verify, remove };
}
