import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useSession } from "@/app/session";
import { ProblemNote, Skeleton } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { headOptions } from "./queries";

const s = w.history;

/** One line: verified to which event, signed when, whether both stores agree. What fails is red, with what to do. */
export function VerifiedTo() {
  const { org } = useSession();
  const head = useQuery(headOptions(org));
  if (head.error) return <ProblemNote error={head.error} onRetry={() => void head.refetch()} />;
  if (!head.data) return <Skeleton className="w-72" />;
  const h = head.data;
  if (!h.intact)
    return (
      <div role="alert" className="rounded-panel bg-bad-soft p-4">
        <p className="flex items-center gap-2 font-medium text-bad">
          <CircleAlert size={16} aria-hidden /> {s.headBroken(h.verified_to)}
        </p>
        <p className="mt-1">{s.headBrokenHint}</p>
      </div>
    );
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <CircleCheck size={16} aria-hidden className="text-good" />
      <span className="font-medium">{s.headTo(h.verified_to)}</span>
      <span className="text-text-2">
        {h.checkpoint ? (
          <>
            {s.signed} <Time at={h.checkpoint.signed_at} />
          </>
        ) : (
          s.unsigned
        )}
        {h.reconciled && (
          <>
            ; <span className={h.reconciled.agrees ? "" : "font-medium text-bad"}>{h.reconciled.agrees ? s.storesAgree : s.storesDiffer}</span> <Time at={h.reconciled.at} />
          </>
        )}
      </span>
    </p>
  );
}
