import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useSession } from "@/app/session";
import { w } from "@/words";
import { pace } from "./mapping";
import { importOptions, type Import } from "./queries";

/** How far it is, how fast it goes, and for how long still: of an import the check knew the rows. */
export function Progress({ value }: { value: Import }) {
  const { org } = useSession();
  const check = useQuery({ ...importOptions(org, value.dry_run_id ?? ""), enabled: !!value.dry_run_id });
  const undoing = value.status === "undoing";
  const total = undoing ? value.created : check.data?.rows;
  const done = undoing ? value.removed + value.kept : value.rows;
  const seen = useRef<{ rows: number; at: number }[]>([]);
  useEffect(() => {
    seen.current = [...seen.current.slice(-9), { rows: done, at: Date.now() }];
  }, [done]);
  const p = pace(seen.current, total);
  const words = undoing ? w.imports.undoing : value.dry_run ? w.imports.checking : w.imports.importing;
  return (
    <div role="status" className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="font-medium">{words}</span>
        <progress aria-label={words} max={total || undefined} value={total ? done : undefined} className="h-2 w-72 max-w-full" />
        <span className="text-text-2">{w.imports.readSoFar(done, total)}</span>
        {p && <span className="text-text-3">{w.imports.speed(p.perSecond)}</span>}
        {p?.left !== undefined && <span className="text-text-3">{w.imports.left(p.left)}</span>}
      </div>
      <p className="text-meta text-text-3">{w.imports.leave}</p>
    </div>
  );
}
