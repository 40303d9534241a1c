import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { platform } from "./client";

const s = w.operator;

/** Takes a feature from everybody, or lets the rule hold again. */
export function KillFlag({ flag, onClose }: { flag: Schemas["Flag"]; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const act = useWrite({
    run: (_: void, headers) => {
      const params = { path: { name: flag.name }, header: headers };
      return must(flag.killed ? platform.POST("/v1/platform/flags/{name}/revive", { params, body: { reason } }) : platform.POST("/v1/platform/flags/{name}/kill", { params, body: { reason } }));
    },
    stale: () => [["operator", "flags"]],
    done: onClose,
  });
  return (
    <Modal open onClose={onClose} title={flag.killed ? s.revive(flag.name) : s.kill(flag.name)} about={flag.killed ? undefined : s.killAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          act.mutate();
        }}
      >
        <TextField label={s.killReason} hint={s.flagNoteHint} required={!flag.killed} maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look={flag.killed ? "primary" : "danger"} type="submit" busy={act.isPending}>
            {flag.killed ? s.revive(flag.name) : s.kill(flag.name)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
