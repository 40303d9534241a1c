import { useState } from "react";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";

type Texts = { secretTitle: (name: string) => string; secretAbout: string; secretGone: string; secretKeepFirst: string; secretKept: string; label: string; copy: string };

const keys = w.settings.keys;
const ofKeys: Texts = { ...keys, label: keys.token, copy: keys.copyToken };

/** A token or another secret, which nobody can be shown again. */
export function SecretOnce({ name, token, onClose, texts: s = ofKeys }: { name: string; token?: string; onClose: () => void; texts?: Texts }) {
  const [kept, setKept] = useState(!token);
  const [copied, setCopied] = useState(false);
  return (
    <Modal
      open
      onClose={() => kept && onClose()}
      title={s.secretTitle(name)}
      about={token ? s.secretAbout : s.secretGone}
      footer={
        <Button look="primary" why={kept ? undefined : s.secretKeepFirst} onClick={onClose}>
          {w.settings.done}
        </Button>
      }
    >
      {token && (
        <div className="flex flex-col gap-4">
          <div className="flex items-center gap-2">
            <input readOnly aria-label={s.label} value={token} onFocus={(e) => e.target.select()} className="mono h-9 min-w-0 flex-1 rounded-control border border-control bg-surface-1 px-2.5" />
            <Button
              look="primary"
              onClick={async () => {
                await navigator.clipboard.writeText(token);
                setCopied(true);
                setKept(true);
              }}
            >
              {copied ? w.states.copied : s.copy}
            </Button>
          </div>
          <CheckField label={s.secretKept} checked={kept} onChange={(e) => setKept(e.target.checked)} />
        </div>
      )}
    </Modal>
  );
}
