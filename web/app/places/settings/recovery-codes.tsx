import { useState } from "react";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { saveText } from "./save-text";

const s = w.settings.security;

/** Shown once: closing needs a word that they are kept. */
export function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const [kept, setKept] = useState(false);
  const text = codes.join("\n") + "\n";
  return (
    <Modal
      open
      onClose={() => kept && onClose()}
      title={s.codesTitle}
      about={s.codesAbout}
      footer={
        <Button look="primary" why={kept ? undefined : s.codesKeepFirst} onClick={onClose}>
          {w.settings.done}
        </Button>
      }
    >
      <ol className="mono grid grid-cols-1 gap-x-8 gap-y-1 sm:grid-cols-2">
        {codes.map((c) => (
          <li key={c}>{c}</li>
        ))}
      </ol>
      <div className="my-4 flex flex-wrap gap-2">
        <Button size="small" onClick={() => void navigator.clipboard.writeText(text)}>
          {s.codesCopy}
        </Button>
        <Button size="small" onClick={() => saveText("outrider-recovery-codes.txt", text)}>
          {s.codesSave}
        </Button>
      </div>
      <CheckField label={s.codesKept} checked={kept} onChange={(e) => setKept(e.target.checked)} />
    </Modal>
  );
}
