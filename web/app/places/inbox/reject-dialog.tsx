import { useState } from "react";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";

export type Rejection = { reason?: string; then: "stop" | "redraft" };

/** Asks why a draft won't do, and what is to follow. */
export function RejectDialog({ busy, onReject, onClose }: { busy: boolean; onReject: (r: Rejection) => void; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [then, setThen] = useState<Rejection["then"]>("stop");
  return (
    <Modal
      open
      onClose={onClose}
      title={w.inbox.rejectTitle}
      footer={
        <>
          <Button onClick={onClose}>{w.inbox.cancel}</Button>
          <Button look="danger" busy={busy} onClick={() => onReject({ reason: reason.trim() || undefined, then })}>
            {w.inbox.rejectDo[then]}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <TextArea label={w.inbox.rejectReason} hint={w.inbox.rejectReasonHint} value={reason} maxLength={500} rows={3} autoFocus onChange={(e) => setReason(e.target.value)} />
        <fieldset>
          <legend className="text-table font-medium text-text-2">{w.inbox.rejectThen}</legend>
          {(["stop", "redraft"] as const).map((v) => (
            <label key={v} className="mt-1 flex min-h-8 items-start gap-2 py-1 pointer-coarse:min-h-11">
              <input type="radio" name="then" checked={then === v} onChange={() => setThen(v)} className="mt-0.5 size-4 shrink-0 accent-(--accent)" />
              <span>
                {w.inbox.rejectThens[v]} <span className="block text-meta text-text-3">{w.inbox.rejectThensAbout[v]}</span>
              </span>
            </label>
          ))}
        </fieldset>
      </div>
    </Modal>
  );
}
