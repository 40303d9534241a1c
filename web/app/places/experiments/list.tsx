import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Go } from "@/app/go";
import { Needs, useCan } from "@/app/may";
import { Page } from "@/app/page";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { StatusChip } from "./parts";
import { experimentsOptions } from "./queries";

const s = w.experiments;

export function ExperimentsPage() {
  const { slug } = useSession();
  const go = useNavigate();
  const may = useCan("campaigns:write");
  const create = may && (
    <Button look="primary" onClick={() => void go({ to: `/o/${slug}/analytics/experiments/new` as "/" })}>
      {s.new}
    </Button>
  );
  return (
    <Needs permission="analytics:read" title={s.title}>
      <Page title={s.title} about={s.about} actions={create}>
        <List create={create} />
      </Page>
    </Needs>
  );
}

function List({ create }: { create: React.ReactNode }) {
  const { org } = useSession();
  const list = useInfiniteQuery(experimentsOptions(org));
  if (list.isPending) return <SkeletonRows />;
  if (list.isError) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const rows = list.data.pages.flatMap((p) => p.data);
  if (rows.length === 0) return <Empty title={s.empty} needs={s.emptyNeeds} action={create} />;
  const c = s.columns;
  return (
    <div className="flex flex-col gap-3 px-4 pb-8 sm:px-6">
      <ScrollRegion label={s.title}>
        <table className="w-full text-left text-table">
          <thead className="text-text-3">
            <tr className="border-b">
              {[c.name, c.campaign, c.status, c.metric].map((h) => (
                <th key={h} scope="col" className="py-2 pr-4 font-medium whitespace-nowrap">
                  {h}
                </th>
              ))}
              <th scope="col" className="py-2 pr-4 text-right font-medium">
                {c.arms}
              </th>
              <th scope="col" className="py-2 pr-4 font-medium">
                {c.started}
              </th>
              <th scope="col" className="py-2 text-right font-medium whitespace-nowrap">
                {c.judged}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((x) => (
              <tr key={x.id} className="h-9 border-b hover:bg-surface-1">
                <th scope="row" className="max-w-72 truncate pr-4 font-medium">
                  <Go path={`/analytics/experiments/${x.id}`} className="text-accent-text">
                    {x.name}
                  </Go>
                </th>
                <td className="max-w-56 truncate pr-4 text-text-2">
                  <Go path={`/campaigns/${x.campaign_id}`}>{x.campaign ?? x.campaign_id.slice(0, 8)}</Go>
                </td>
                <td className="pr-4">
                  <StatusChip experiment={x} />
                </td>
                <td className="pr-4 whitespace-nowrap text-text-2">
                  {s.metrics[x.metric]} {s.window(x.window_days)}
                </td>
                <td className="pr-4 text-right">{formatCount(x.arms.length)}</td>
                <td className="pr-4">
                  <Time at={x.started_at} />
                </td>
                <td className="text-right">{formatCount(x.evaluations)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {list.hasNextPage && (
        <Button size="small" className="self-start" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {s.more}
        </Button>
      )}
    </div>
  );
}
