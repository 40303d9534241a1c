import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";

type Member = Schemas["Member"];
const s = w.settings.people;
const nameOf = (m: Member) => [m.first_name, m.last_name].filter(Boolean).join(" ") || m.email || "";

export function RemoveMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const { org } = useSession();
  const remove = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/members/{id}", { params: { path: { id: member.id }, header: headers } }))),
    stale: () => [[org, "members"], [org, "usage"]],
    done: () => {
      onClose();
      toast.say(s.removed(nameOf(member)));
    },
  });
  return (
    <Confirm title={s.removeAsk(nameOf(member))} about={s.removeHint} action={s.removeDo(nameOf(member))} danger busy={remove.isPending} onDo={() => remove.mutate()} onClose={onClose} />
  );
}

export function HandOver({ member, onClose }: { member: Member; onClose: () => void }) {
  const { org } = useSession();
  const [password, setPassword] = useState("");
  const [error, setError] = useState("");
  const hand = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/members/{id}/transfer-ownership", { params: { path: { id: member.id }, header: headers }, body: { password } }))),
    stale: () => [[org, "members"], [org, "me"]],
    done: () => {
      onClose();
      toast.say(s.handed(nameOf(member)));
    },
    onProblem: (err) => {
      setError(err.problem.detail || err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.handAsk(nameOf(member))} about={s.handHint}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          hand.mutate();
        }}
      >
        <TextField label={s.yourPassword} type="password" autoComplete="current-password" required value={password} error={error} onChange={(e) => setPassword(e.target.value)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="danger" type="submit" busy={hand.isPending}>
            {s.handDo(nameOf(member))}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
