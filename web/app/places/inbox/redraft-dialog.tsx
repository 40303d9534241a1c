import { useState } from "react";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { redraft as words } from "@/words/en/redraft";

/** Asks what the next draft should be like; it may stay empty. */
export function RedraftDialog({ busy, model, onRedraft, onClose }: { busy: boolean; model: boolean; onRedraft: (instruction?: string) => void; onClose: () => void }) {
  const [wish, setWish] = useState("");
  return (
    <Modal
      open
      onClose={onClose}
      title={words.title}
      about={model ? words.about : words.aboutTemplate}
      footer={
        <>
          <Button onClick={onClose}>{w.inbox.cancel}</Button>
          <Button look="primary" busy={busy} onClick={() => onRedraft(wish.trim() || undefined)}>
            {w.inbox.redraft}
          </Button>
        </>
      }
    >
      <TextArea
        label={words.wish}
        hint={words.hint}
        value={wish}
        maxLength={500}
        rows={3}
        autoFocus
        onChange={(e) => setWish(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) onRedraft(wish.trim() || undefined);
        }}
      />
    </Modal>
  );
}
