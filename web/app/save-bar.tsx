import { Button } from "@/ui/button";
import { w } from "@/words";

/** What is changed and not saved, with the ways on; text says it otherwise where nothing was changed. */
export function SaveBar({ label, text = w.campaigns.unsaved, busy, onSave, onDiscard }: { label: string; text?: string; busy: boolean; onSave: () => void; onDiscard?: () => void }) {
  return (
    <div role="region" aria-label={text} className="sticky bottom-4 z-10 mt-3 flex flex-wrap items-center gap-3 rounded-panel bg-surface-0 px-4 py-2.5 shadow-float">
      <span className="mr-auto">{text}</span>
      {onDiscard && <Button onClick={onDiscard}>{w.campaigns.discard}</Button>}
      <Button look="primary" busy={busy} onClick={onSave}>
        {label}
      </Button>
    </div>
  );
}
