import { Toast } from "radix-ui";
import { useSyncExternalStore } from "react";
import type { ProblemError } from "@/api/problem";
import { w } from "@/words";
import { Button } from "./button";

type Entry = { id: number; text: string; detail?: string; tone: "plain" | "bad"; undo?: () => void; open: boolean };

let entries: Entry[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(list: Entry[]) {
  entries = list;
  for (const l of listeners) l();
}

function add(e: Omit<Entry, "id" | "open">) {
  set([...entries.slice(-1), { ...e, id: next++, open: true }]);
}

/** Says what has just happened: for 10 s, with a way back where there is one (also Ctrl Z). */
export const toast = {
  say: (text: string, undo?: () => void) => add({ text, undo, tone: "plain" }),
  problem: (err: ProblemError) => add({ text: err.problem.title, detail: err.problem.detail, tone: "bad" }),
  undoLast: () => {
    const e = entries.findLast((x) => x.undo && x.open);
    if (e) undo(e);
    return !!e;
  },
};

function close(id: number) {
  set(entries.filter((e) => e.id !== id));
}

function undo(e: Entry) {
  e.undo?.();
  close(e.id);
}

export function Toasts() {
  const list = useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => entries,
  );
  return (
    <Toast.Provider duration={10_000} swipeDirection="left" label={w.shell.notices}>
      {list.map((e) => (
        <Toast.Root key={e.id} open onOpenChange={(o) => !o && close(e.id)} type={e.tone === "bad" ? "foreground" : "background"} className="appear flex items-center gap-3 rounded-panel bg-text-1 px-4 py-2.5 text-surface-0 shadow-float">
          <div className="min-w-0 flex-1">
            <Toast.Title className="font-medium">{e.text}</Toast.Title>
            {e.detail && <Toast.Description className="text-table opacity-90">{e.detail}</Toast.Description>}
          </div>
          {e.undo && (
            <Toast.Action altText={w.shell.undoAlt} asChild>
              <Button size="small" onClick={() => undo(e)}>
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
