import { useQueries } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { api, must } from "@/api/client";
import { w } from "@/words";
import { bulk as bulkWords } from "@/words/en/bulk";
import { bulkOptions } from "./queries";

/** How far an operation on many is; its ids stand in the URL, so that it survives a reload. */
export function BulkProgress({ jobs, onClose, onDone, onJobs }: { jobs: string[]; onClose: () => void; onDone: () => void; onJobs: (ids: string[]) => void }) {
  const { org } = useSession();
  const may = useCan("leads:write");
  const restore = useWrite({
    run: async (ids: string[], header) => {
      const made: string[] = [];
      for (const [n, removed_by] of ids.entries()) {
        const r = await must(api.POST("/v1/leads/bulk", { params: { header: { "Idempotency-Key": `${header["Idempotency-Key"]}-${n}` } }, body: { action: "restore", removed_by, dry_run: false } }));
        if ("job" in r) made.push(r.job.id);
      }
      return made;
    },
    stale: () => [[org, "leads"]],
    done: (_, made) => onJobs(made),
  });
  const asked = useQueries({ queries: jobs.map((id) => bulkOptions(org, id)) });
  const all = asked.map((q) => q.data?.job).filter((j) => j !== undefined);
  const first = all[0];
  const done = all.length === jobs.length && all.every((j) => j.status === "completed");
  const told = useRef("");
  const which = jobs.join();
  useEffect(() => {
    if (done && told.current !== which) {
      told.current = which;
      onDone();
    }
  }, [done, which]);
  const error = asked.find((q) => q.error)?.error;
  if (error) return <ProblemNote error={error} onRetry={onClose} />;
  if (!first) return null;
  const sum = (f: (j: (typeof all)[number]) => number) => all.reduce((n, j) => n + f(j), 0);
  const handled = sum((j) => j.done + j.unchanged + j.refused_count);
  const asks = sum((j) => j.asked);
  const codes = all.reduce<Record<string, number>>((m, j) => {
    for (const [c, n] of Object.entries(j.refused_by_code)) m[c] = (m[c] ?? 0) + n;
    return m;
  }, {});
  const words = [w.leads.doing[first.action], first.tags.join(", ")].filter(Boolean).join(": ");
  return (
    <div role="status" className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b bg-surface-1 px-4 py-2 sm:px-6">
      <span className="font-medium">{words}</span>
      {done ? <span>{w.leads.finished(sum((j) => j.done), sum((j) => j.unchanged))}</span> : <progress aria-label={words} max={asks} value={handled} className="h-1.5 w-40" />}
      {!done && <span className="text-text-2">{w.leads.progress(handled, asks)}</span>}
      {Object.entries(codes).map(([c, n]) => (
        <span key={c} className="text-warn">
          {w.leads.refused(n, c)}
        </span>
      ))}
      {done && may && first.action === "remove" && sum((j) => j.done) > 0 && (
        <Button size="small" icon={<Undo2 size={14} aria-hidden />} busy={restore.isPending} onClick={() => restore.mutate(jobs)}>
          {bulkWords.bringBack(sum((j) => j.done))}
        </Button>
      )}
      <Button size="small" look="quiet" onClick={onClose} className="ml-auto">
        {w.leads.close}
      </Button>
    </div>
  );
}
