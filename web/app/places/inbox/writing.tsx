import { forwardRef, type ForwardedRef } from "react";
import { useMay } from "@/app/session";
import { cx } from "@/ui/cx";
import { notes as words } from "@/words/en/notes";
import { Composer } from "./composer";
import { NoteForm } from "./note-form";
import type { Thread } from "./queries";
import type { ThreadActions } from "./thread-actions";

type Mode = "answer" | "note";

/** Below a conversation: an answer, which leaves the house, or a note, which doesn't. */
export const Writing = forwardRef(function Writing(
  { thread, mode, onMode, suppressed, actions, onSent }: { thread: Thread; mode: Mode; onMode: (m: Mode) => void; suppressed?: boolean; actions: ThreadActions; onSent: () => void },
  ref: ForwardedRef<HTMLTextAreaElement>,
) {
  const sends = useMay("messages:send");
  const now = sends ? mode : "note";
  const modes: Mode[] = sends ? ["answer", "note"] : ["note"];
  return (
    <div className="flex flex-col gap-2 border-t px-4 pt-2 pb-3 sm:px-5">
      {modes.length > 1 && (
        <div role="group" aria-label={words.how} className="flex gap-1">
          {modes.map((m) => (
            <button
              key={m}
              type="button"
              aria-pressed={m === now}
              title={m === "answer" ? "r" : "m"}
              onClick={() => onMode(m)}
              className={cx("min-h-7 rounded-control px-2 text-table pointer-coarse:min-h-11", m === now ? "bg-surface-2 font-medium text-text-1" : "text-text-2 hover:bg-surface-1 hover:text-text-1")}
            >
              {words[m]}
            </button>
          ))}
        </div>
      )}
      {now === "note" ? <NoteForm key={thread.id} ref={ref} thread={thread.id} onDone={() => onMode("answer")} /> : <Composer key={thread.id} ref={ref} thread={thread} suppressed={suppressed} actions={actions} onSent={onSent} />}
    </div>
  );
});
