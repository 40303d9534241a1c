import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Go } from "@/app/go";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { Actions } from "./actions";
import { Judged } from "./judged";
import { StatusChip } from "./parts";
import { experimentOptions, type Experiment } from "./queries";

const s = w.experiments;

export function ExperimentPage() {
  const { org } = useSession();
  const { id } = useParams({ strict: false }) as { id: string };
  const x = useQuery(experimentOptions(org, id));
  return (
    <Needs permission="analytics:read" title={s.title}>
      <Page title={x.data?.name ?? s.title} about={x.data && <StatusChip experiment={x.data} />} actions={x.data && <Actions experiment={x.data} />}>
        {x.isError && !x.data ? <ProblemNote error={x.error} onRetry={() => void x.refetch()} /> : x.data ? <Body experiment={x.data} /> : <SkeletonRows />}
      </Page>
    </Needs>
  );
}

function Body({ experiment: x }: { experiment: Experiment }) {
  return (
    <div className="flex flex-col gap-8 px-4 pb-12 sm:px-6">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-table text-text-2">
        <Go path="/analytics/experiments" className="text-accent-text">
          {s.title}
        </Go>
        <Go path={`/campaigns/${x.campaign_id}`} className="text-accent-text">
          {x.campaign ?? s.campaign}
        </Go>
        {x.hypothesis && <span className="max-w-[72ch]">{x.hypothesis}</span>}
      </p>
      <Judged experiment={x} />
    </div>
  );
}
