import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ProblemError } from "@/api/problem";
import { w } from "@/words";
import { Button } from "./button";
import { CopyText } from "./copy";
import { cx } from "./cx";

/** Grey in the form of what will stand here; shown after 150 ms. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("skeleton h-4", className)} />;
}

export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label={w.states.loading} className="flex flex-col">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex h-9 items-center gap-4 border-b px-4">
          <Skeleton className="w-40" />
          <Skeleton className="w-64 max-w-full" />
          <Skeleton className="w-24" />
        </div>
      ))}
    </div>
  );
}

/** Nothing yet: what will stand here, the button that begins it, what it needs. */
export function Empty({ title, needs, action }: { title: string; needs?: string; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-3 px-4 py-10 sm:px-6">
      <p className="max-w-[60ch] text-section text-text-1">{title}</p>
      {needs && <p className="max-w-[60ch] text-text-2">{needs}</p>}
      {action}
    </div>
  );
}

/** Nothing matches: names the filters, and the number without them. */
export function NoMatch({ filters, total, onClear }: { filters: string; total?: number; onClear: () => void }) {
  return (
    <div className="flex flex-col items-start gap-3 px-4 py-10 sm:px-6">
      <p className="text-section">{w.states.noMatch(filters)}</p>
      {total !== undefined && <p className="text-text-2">{w.states.withoutFilters(total)}</p>}
      <Button onClick={onClear}>{w.states.clear}</Button>
    </div>
  );
}

/** What the server says is wrong, where it happened; the rest of the page works on. */
export function ProblemNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const p = error instanceof ProblemError ? error.problem : undefined;
  if (!p) return <p role="alert">{w.states.broken(String(error))}</p>;
  return (
    <div role="alert" className="m-4 flex flex-col items-start gap-2 rounded-panel border border-bad bg-bad-soft p-4">
      <p className="flex items-center gap-2 font-medium text-bad">
        <CircleAlert size={16} aria-hidden /> {p.title}
      </p>
      {p.detail && <p className="max-w-[72ch]">{p.detail}</p>}
      {p.scope && <p>{w.states.missingPermission(p.scope)}</p>}
      {p.limit && p.max !== undefined && p.used !== undefined && <p>{w.states.overQuota(p.limit, p.used ?? 0, p.max)}</p>}
      {p.errors?.map((e) => (
        <p key={e.field}>
          <code>{e.field}</code>: {e.reason}
        </p>
      ))}
      <div className="flex flex-wrap items-center gap-3">
        {onRetry && (
          <Button size="small" icon={<RotateCw size={14} aria-hidden />} onClick={onRetry}>
            {w.states.retry}
          </Button>
        )}
        {p.request_id && <CopyText text={p.request_id} label={w.states.requestID} />}
      </div>
    </div>
  );
}
