import { lazy, Suspense, useSyncExternalStore } from "react";
import type { ProblemError } from "@/api/problem";
import { loadEarly, loadPart } from "./load-part";

export type Entry = { id: number; text: string; detail?: string; tone: "plain" | "bad"; undo?: () => void; ms?: number; open: boolean };

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

/** Says what has just happened: for 10 s unless it says otherwise, with a way back where there is one (also Ctrl Z). */
export const toast = {
  say: (text: string, undo?: () => void, ms?: number) => add({ text, undo, ms, tone: "plain" }),
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

const list = () => loadPart(() => import("./toast-list"));
const nothing: Awaited<ReturnType<typeof list>>["default"] = () => <></>;
const ToastList = lazy(() => list().catch(() => ({ default: nothing }))); // where nothing can be loaded, nothing can be said

/** Loads what shows them, so that it is there when it is wanted. */
export const loadToasts = () => loadEarly(() => import("./toast-list"));

export function Toasts() {
  const all = useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => entries,
  );
  return next > 1 ? (
    <Suspense>
      <ToastList entries={all} onClose={close} onUndo={undo} />
    </Suspense>
  ) : null;
}
