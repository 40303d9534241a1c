import { About, StateLine } from "@/app/places/leads/about";
import { Enrollments } from "@/app/places/leads/enrollments";
import type { Lead } from "@/app/places/leads/queries";
import { SkeletonRows } from "@/ui/states";
import { w } from "@/words";

/** Who writes: state, campaigns, what is known. */
export function Context({ lead }: { lead?: Lead }) {
  return (
    <aside aria-label={w.inbox.context} className="flex w-75 shrink-0 flex-col gap-5 overflow-y-auto border-l px-4 py-3 max-lg:hidden">
      {lead ? (
        <>
          <StateLine lead={lead} />
          <Enrollments lead={lead} />
          <About lead={lead} />
        </>
      ) : (
        <SkeletonRows rows={5} />
      )}
    </aside>
  );
}
