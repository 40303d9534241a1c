import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useSession } from "@/app/session";
import { CopyText } from "@/ui/copy";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { traceOptions } from "./queries";
import { CauseTree } from "./tree";

const s = w.history;

export function TracePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  return (
    <Needs permission="audit:read" title={s.trace}>
      <Page title={s.trace} about={<CopyText label={s.requestID} text={id} />}>
        <Tree id={id} />
      </Page>
    </Needs>
  );
}

function Tree({ id }: { id: string }) {
  const { org } = useSession();
  const trace = useQuery(traceOptions(org, id));
  if (trace.error) return <ProblemNote error={trace.error} onRetry={() => void trace.refetch()} />;
  if (!trace.data) return <SkeletonRows />;
  return (
    <div className="px-4 pb-12 sm:px-6">
      <p className="text-text-2">{trace.data.truncated ? s.truncated : s.traceAbout(trace.data.events)}</p>
      <ScrollRegion label={s.trace}>
        <CauseTree commands={trace.data.commands} />
      </ScrollRegion>
    </div>
  );
}
