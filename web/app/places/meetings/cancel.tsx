import { useState } from "react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import type { Meeting } from "./queries";

/** Asks before a meeting is cancelled: somebody is told. */
export function Cancel({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  const { org } = useSession();
  const [reason, setReason] = useState("");
  const name = meeting.guest?.name ?? w.meetings.erased;
  const run = useWrite({
    run: (_: void, header) => must(api.POST("/v1/meetings/{id}/cancel", { params: { path: { id: meeting.id }, header }, body: { reason: reason.trim() || undefined } })),
    stale: () => [
      [org, "meetings"],
      [org, "leads"],
    ],
    done: () => {
      toast.say(w.meetings.cancelled(name));
      onClose();
    },
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={w.meetings.cancelTitle(name)}
      about={w.meetings.cancelAbout(formatAbsolute(new Date(meeting.starts_at), zone()), name)}
      footer={
        <>
          <Button onClick={onClose}>{w.meetings.keep}</Button>
          <Button look="danger" busy={run.isPending} onClick={() => run.mutate()}>
            {w.meetings.cancelButton(name)}
          </Button>
        </>
      }
    >
      <TextField label={w.meetings.reason} hint={w.meetings.reasonHint} value={reason} maxLength={500} onChange={(e) => setReason(e.target.value)} />
    </Modal>
  );
}
