import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Page } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { CheckActions } from "./check";
import { DoneActions } from "./done";
import { LeftOut, Outcomes } from "./outcomes";
import { Progress } from "./progress";
import { importOptions, type Import } from "./queries";
import { Rows } from "./rows";
import { Steps, type Step } from "./steps";

function stepOf(i: Import): Step {
  if (i.dry_run) return "check";
  return i.status === "running" ? "import" : "done";
}

/** A check or an import, wherever it is; one can leave and come back. */
export function ImportPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { org } = useSession();
  const asked = useQuery(importOptions(org, id));
  const i = asked.data;
  return (
    <Page title={i ? (i.dry_run ? w.imports.checkTitle(i.file_name) : w.imports.oneTitle(i.file_name)) : w.imports.title} about={<PlaceLink to="/imports">{w.imports.title}</PlaceLink>}>
      {asked.error ? (
        <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />
      ) : !i ? (
        <SkeletonRows />
      ) : (
        <>
          <Steps at={stepOf(i)} />
          <div className="flex min-w-0 flex-col gap-6 px-4 py-5 sm:px-6">
            <p className="flex flex-wrap items-baseline gap-x-4 text-text-2">
              <span>{w.imports.rowsIn(i.rows)}</span>
              <Time at={i.created_at} absolute />
            </p>
            {(i.status === "running" || i.status === "undoing") && <Progress key={i.status} value={i} />}
            {i.status === "failed" && (
              <p role="alert" className="text-bad">
                {w.imports.failed}: {i.reason ?? ""}
              </p>
            )}
            {i.status === "undone" && <p role="status">{w.imports.undone(i.removed, i.kept)}</p>}
            <Outcomes value={i} />
            {i.status !== "running" && i.status !== "undoing" && (i.dry_run ? <CheckActions value={i} /> : <DoneActions value={i} />)}
            <LeftOut value={i} />
            <Rows key={i.id + i.status} value={i} />
          </div>
        </>
      )}
    </Page>
  );
}
