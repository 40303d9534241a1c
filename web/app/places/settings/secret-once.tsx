import { useState } from "react";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";

const s = w.settings.keys;

/** A token, which nobody can be shown again. */
export function SecretOnce({ name, token, onClose }: { name: string; token?: string; onClose: () => void }) {
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
            <input readOnly aria-label={s.token} value={token} onFocus={(e) => e.target.select()} className="mono h-9 min-w-0 flex-1 rounded-control border border-control bg-surface-1 px-2.5" />
            <Button
              look="primary"
              onClick={async () => {
                await navigator.clipboard.writeText(token);
                setCopied(true);
                setKept(true);
              }}
            >
              {copied ? w.states.copied : s.copyToken}
            </Button>
          </div>
          <CheckField label={s.secretKept} checked={kept} onChange={(e) => setKept(e.target.checked)} />
        </div>
      )}
    </Modal>
  );
}
