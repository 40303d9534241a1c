import type { ReactNode } from "react";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";

type Props = { title: string; about?: string; action: string; danger?: boolean; busy: boolean; why?: string; onDo: () => void; onClose: () => void; children?: ReactNode };

/** Asks before something is done, with a button that says what it does. */
export function Confirm({ title, about, action, danger, busy, why, onDo, onClose, children }: Props) {
  return (
    <Modal
      open
      onClose={onClose}
      title={title}
      about={about}
      footer={
        <>
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look={danger ? "danger" : "primary"} busy={busy} why={why} onClick={onDo}>
            {action}
          </Button>
        </>
      }
    >
      {children}
    </Modal>
  );
}
