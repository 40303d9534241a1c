import { Toast } from "radix-ui";
import { w } from "@/words";
import { Button } from "./button";
import type { Entry } from "./toast";

/** What was said lately, in the corner. */
export default function ToastList({ entries, onClose, onUndo }: { entries: Entry[]; onClose: (id: number) => void; onUndo: (e: Entry) => void }) {
  return (
    <Toast.Provider duration={10_000} swipeDirection="left" label={w.shell.notices}>
      {entries.map((e) => (
        <Toast.Root key={e.id} duration={e.ms} open onOpenChange={(o) => !o && onClose(e.id)} type={e.tone === "bad" ? "foreground" : "background"} className="appear flex items-center gap-3 rounded-panel bg-text-1 px-4 py-2.5 text-surface-0 shadow-float">
          <div className="min-w-0 flex-1">
            <Toast.Title className="font-medium">{e.text}</Toast.Title>
            {e.detail && <Toast.Description className="text-table opacity-90">{e.detail}</Toast.Description>}
          </div>
          {e.undo && (
            <Toast.Action altText={w.shell.undoAlt} asChild>
              <Button size="small" onClick={() => onUndo(e)}>
                {w.shell.undo}
              </Button>
            </Toast.Action>
          )}
          <Toast.Close aria-label={w.shell.close} className="inline-flex size-6 items-center justify-center">
            ×
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed bottom-4 left-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2 max-sm:bottom-16" />
    </Toast.Provider>
  );
}
