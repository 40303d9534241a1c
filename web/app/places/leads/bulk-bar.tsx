import { useState } from "react";
import { useMay } from "@/app/session";
import { Button } from "@/ui/button";
import { w } from "@/words";
import { BulkDialog, type BulkAction } from "./bulk-dialog";
import type { Filters } from "./filters";

type Props = { ids: string[]; filters: Filters; everything: boolean; total: number; onEverything: () => void; onClear: () => void; onJobs: (ids: string[]) => void };

/** What can be done with those that are selected, and with how many. */
export function BulkBar({ ids, filters, everything, total, onEverything, onClear, onJobs }: Props) {
  const [action, setAction] = useState<BulkAction>();
  const may = { enroll: useMay("campaigns:write"), suppress: useMay("suppressions:write"), export: useMay("leads:export") };
  const n = everything ? total : ids.length;
  const actions: BulkAction[] = ["tag", "untag", ...(may.enroll ? (["enroll"] as const) : []), ...(may.suppress ? (["suppress"] as const) : []), ...(may.export && everything ? (["export"] as const) : []), "remove"];
  return (
    <div role="region" aria-label={w.leads.selected(n)} className="flex shrink-0 flex-wrap items-center gap-2 border-t bg-surface-1 px-4 py-2 sm:px-6">
      <span className="mr-2 font-medium">{everything ? w.leads.allSelected(total) : w.leads.selected(n)}</span>
      {!everything && total > ids.length && (
        <Button size="small" look="quiet" onClick={onEverything} className="text-accent-text!">
          {w.leads.selectAll(total)}
        </Button>
      )}
      {actions.map((a) => (
        <Button key={a} size="small" look={a === "remove" ? "danger" : "plain"} onClick={() => setAction(a)}>
          {w.leads[a]}
        </Button>
      ))}
      <Button size="small" look="quiet" onClick={onClear} className="ml-auto">
        {w.leads.clear}
      </Button>
      {action && (
        <BulkDialog
          action={action}
          count={n}
          ids={everything ? undefined : ids}
          filters={filters}
          onClose={() => setAction(undefined)}
          onJobs={(jobs) => {
            setAction(undefined);
            onClear();
            onJobs(jobs);
          }}
        />
      )}
    </div>
  );
}
