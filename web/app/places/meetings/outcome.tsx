import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import type { Meeting } from "./queries";

type Said = "held" | "no_show" | "unknown";

/** What came of a meeting, to be said with one press and taken back with another. */
export function Outcome({ meeting: x, may }: { meeting: Meeting; may: boolean }) {
  const { org } = useSession();
  const m = w.meetings;
  const set = useWrite({
    run: (a: { outcome: Said; undo?: true }, header) => must(api.PUT("/v1/meetings/{id}/outcome", { params: { path: { id: x.id }, header }, body: { outcome: a.outcome } })),
    stale: () => [[org, "meetings"]],
    done: (a) => toast.say(m.outcomeSet[a.outcome]!, a.undo ? undefined : () => set.mutate({ outcome: x.outcome ?? "unknown", undo: true })),
  });
  if (!may) return x.outcome ? <Chip tone={x.outcome === "held" ? "good" : "warn"}>{m.outcomes[x.outcome]}</Chip> : <span className="text-text-3">{m.outcomes.open}</span>;
  return (
    <span role="group" aria-label={m.outcomeOf(x.guest?.name ?? m.erased)} className="inline-flex gap-1">
      {(["held", "no_show"] as const).map((o) => (
        <button
          key={o}
          type="button"
          aria-pressed={x.outcome === o}
          disabled={set.isPending}
          onClick={(e) => {
            e.stopPropagation();
            set.mutate({ outcome: x.outcome === o ? "unknown" : o });
          }}
          className={`min-h-6 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 pointer-coarse:min-h-11 ${o === "held" ? "aria-pressed:bg-good-soft aria-pressed:text-good" : "aria-pressed:bg-warn-soft aria-pressed:text-warn"}`}
        >
          {m.outcomes[o]}
        </button>
      ))}
    </span>
  );
}
