import { useLocation } from "@tanstack/react-router";
import { ProblemError } from "@/api/problem";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";
import { useAt } from "./shell/time-machine";

// Below /o/{slug}: Today, one person, campaign or mailbox, the history.
const withPast = [/^$/, /^leads\/[0-9a-f-]{36}$/, /^campaigns\/[0-9a-f-]{36}(\/(overview|steps|schedule))?$/, /^mailboxes\/[0-9a-f-]{36}$/, /^history/, /^trace/];

/** Stands above a page that has no past while one looks at the past. */
export function NoPastHere() {
  const at = useAt();
  const below = useLocation().pathname.split("/").slice(3).join("/").replace(/\/$/, "");
  if (!at || withPast.some((x) => x.test(below))) return null;
  return (
    <p role="note" className="border-b bg-surface-1 px-4 py-2 text-center text-table text-text-2">
      {w.states.noPast}
    </p>
  );
}

/** What can't be shown; what there wasn't yet at the instant that is looked at is no failure. */
export function PastOrProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const at = useAt();
  if (at && error instanceof ProblemError && error.status === 404)
    return (
      <div className="flex flex-col gap-2 px-4 py-10 sm:px-6">
        <p className="text-section">{w.states.notYet}</p>
        <p className="max-w-[60ch] text-text-2">{w.states.notYetHint}</p>
      </div>
    );
  return <ProblemNote error={error} onRetry={onRetry} />;
}
