import { useState } from "react";
import { useParams } from "@tanstack/react-router";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { useGoTo } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { bulk as words } from "@/words/en/bulk";
import type { Lead } from "./queries";

type Props = { lead: Lead; name: string; onClose: () => void };

function useLeave(id: string) {
  const page = (useParams({ strict: false }) as { id?: string }).id === id;
  const go = useGoTo();
  const { open } = usePeek();
  return () => (page ? go("/leads") : open());
}

/** Brings a removed lead back as it was. */
export function useRestore(id: string, name: string) {
  const { org } = useSession();
  return useWrite({
    run: async (_: void, header) => settled(await must(api.POST("/v1/leads/{id}/restore", { params: { path: { id }, header } }))),
    stale: () => [[org, "leads"], [org, "lead-rows"]],
    done: () => toast.say(words.restored(name)),
  });
}

/** Instead of a person who isn't there: maybe they were removed. */
export function Removed({ id }: { id: string }) {
  const may = useMay("leads:write");
  const restore = useRestore(id, w.leads.one);
  if (!may) return null;
  return (
    <div className="flex flex-col items-start gap-3 px-4 py-3 sm:px-6">
      <p className="max-w-prose text-text-2">{words.wasRemoved}</p>
      <Button busy={restore.isPending} onClick={() => restore.mutate()}>
        {words.restore}
      </Button>
    </div>
  );
}

/** Removal ends their sequences, so it is said before; the history stays. */
export function RemoveLead({ lead, name, onClose }: Props) {
  const { org } = useSession();
  const leave = useLeave(lead.id);
  const restore = useRestore(lead.id, name);
  const remove = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/leads/{id}", { params: { path: { id: lead.id }, header: { ...header, "If-Match": "*" } } })),
    stale: () => [[org, "leads"], [org, "lead-rows"]],
    done: () => {
      onClose();
      leave();
      toast.say(w.leads.removed(name), () => restore.mutate());
    },
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={w.leads.removeTitle(name)}
      about={w.leads.about.remove}
      footer={
        <>
          <Button onClick={onClose}>{w.leads.cancel}</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {w.leads.removeDo}
          </Button>
        </>
      }
    />
  );
}

/** Erasure can't be undone: it is never assumed to have happened before the server says so, and the address is typed. */
export function EraseLead({ lead, name, onClose }: Props) {
  const { org } = useSession();
  const [typed, setTyped] = useState("");
  const erase = useWrite({
    run: (_: void, header) => must(api.POST("/v1/leads/{id}/erase", { params: { path: { id: lead.id }, header } })),
    stale: () => [[org, "leads"], [org, "lead-rows"], [org, "messages"], [org, "inbox"], [org, "exports"]],
    done: () => {
      onClose();
      toast.say(w.leads.erasedDone);
    },
  });
  const sure = typed.trim().toLowerCase() === (lead.email ?? "").toLowerCase();
  return (
    <Modal
      open
      onClose={onClose}
      title={w.leads.eraseTitle(name)}
      about={w.leads.eraseAbout}
      footer={
        <>
          <Button onClick={onClose}>{w.leads.cancel}</Button>
          <Button look="danger" busy={erase.isPending} why={sure ? undefined : w.leads.eraseConfirm} onClick={() => erase.mutate()}>
            {w.leads.eraseDo(name)}
          </Button>
        </>
      }
    >
      <TextField label={w.leads.eraseConfirm} hint={lead.email} value={typed} autoComplete="off" onChange={(e) => setTyped(e.target.value)} />
    </Modal>
  );
}
