import { Button } from "@/ui/button";
import { w } from "@/words";

/** What is changed and not saved, with the ways on. */
export function SaveBar({ label, busy, onSave, onDiscard }: { label: string; busy: boolean; onSave: () => void; onDiscard: () => void }) {
  return (
    <div role="region" aria-label={w.campaigns.unsaved} className="sticky bottom-4 z-10 mt-3 flex flex-wrap items-center gap-3 rounded-panel bg-surface-0 px-4 py-2.5 shadow-float">
      <span className="mr-auto">{w.campaigns.unsaved}</span>
      <Button onClick={onDiscard}>{w.campaigns.discard}</Button>
      <Button look="primary" busy={busy} onClick={onSave}>
        {label}
      </Button>
    </div>
  );
}
