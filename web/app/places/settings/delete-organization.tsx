import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { queries, useWrite } from "@/app/query";
import { Section } from "@/app/page";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { Row } from "./row";

const s = w.settings.organization;

/** The way out of an organisation: it can be restored for 30 days. */
export function DeleteOrganization({ organization: o }: { organization: Schemas["Organization"] }) {
  const can = useCan("organization:delete");
  const go = useNavigate();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const remove = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/organizations/{id}", { params: { path: { id: o.id }, header: headers } }))),
    done: () => {
      queries.clear();
      toast.say(s.deleted(o.name));
      void go({ to: "/" });
    },
  });
  if (!can) return null;
  return (
    <Section title={s.deleteTitle}>
      <Row label={s.deleteLabel} hint={s.deleteHint}>
        <Button look="danger" onClick={() => setOpen(true)}>
          {s.deleteButton}
        </Button>
      </Row>
      <Modal
        open={open}
        onClose={() => setOpen(false)}
        title={s.deleteAsk(o.name)}
        about={s.deleteHint}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{w.settings.cancel}</Button>
            <Button look="danger" busy={remove.isPending} why={name === o.name ? undefined : s.deleteType(o.name)} onClick={() => remove.mutate()}>
              {s.deleteDo(o.name)}
            </Button>
          </>
        }
      >
        <TextField label={s.deleteType(o.name)} value={name} autoComplete="off" onChange={(e) => setName(e.target.value)} />
      </Modal>
    </Section>
  );
}
