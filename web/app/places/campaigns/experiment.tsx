import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Go } from "@/app/go";
import { Needs, useCan } from "@/app/may";
import { useChangeSearch } from "@/app/place-link";
import { Actions } from "@/app/places/experiments/actions";
import { Judged } from "@/app/places/experiments/judged";
import { StatusChip } from "@/app/places/experiments/parts";
import { experimentOptions, experimentsOptions } from "@/app/places/experiments/queries";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/field";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import type { Campaign } from "./queries";
import type { CampaignSearch } from "./search";

const s = w.experiments;

/** The experiments of a campaign: the newest, or the one that the URL names. */
export default function CampaignExperiment({ campaign }: { campaign: Campaign }) {
  return (
    <Needs permission="analytics:read">
      <Shown campaign={campaign} />
    </Needs>
  );
}

function Shown({ campaign }: { campaign: Campaign }) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const change = useChangeSearch();
  const search = useSearch({ strict: false }) as CampaignSearch;
  const may = useCan("campaigns:write") && campaign.status !== "completed" && !campaign.archived_at;
  const list = useInfiniteQuery(experimentsOptions(org, campaign.id));
  const all = list.data?.pages.flatMap((p) => p.data) ?? [];
  const id = all.find((x) => x.id === search.experiment)?.id ?? all[0]?.id;
  const one = useQuery({ ...experimentOptions(org, id ?? ""), enabled: !!id });
  if (list.isPending) return <SkeletonRows />;
  if (list.isError) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const create = may && (
    <Button look={id ? "plain" : "primary"} onClick={() => void go({ to: `/o/${slug}/analytics/experiments/new` as "/", search: { campaign: campaign.id } as never })}>
      {s.new}
    </Button>
  );
  if (!id) return <Empty title={s.empty} needs={s.emptyNeeds} action={create} />;
  const x = one.data;
  return (
    <div className="flex flex-col gap-6 px-4 pt-4 pb-12 sm:px-6">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        {all.length > 1 ? (
          <SelectField label={s.which} className="w-full sm:w-80" value={id} onChange={(e) => change({ experiment: e.target.value === all[0]!.id ? undefined : e.target.value }, true)} options={all.map((e) => ({ value: e.id, label: `${e.name}: ${s.statuses[e.status]}` }))} />
        ) : (
          <h2 className="text-section font-medium">
            <Go path={`/analytics/experiments/${id}`} className="text-accent-text">
              {all[0]!.name}
            </Go>
          </h2>
        )}
        {x && (
          <span className="flex min-h-8 items-center gap-3">
            <StatusChip experiment={x} />
            {all.length > 1 && (
              <Go path={`/analytics/experiments/${id}`} className="text-table text-accent-text">
                {s.open}
              </Go>
            )}
          </span>
        )}
        <span className="ml-auto flex flex-wrap gap-2">
          {x && <Actions experiment={x} />}
          {create}
        </span>
      </div>
      {list.hasNextPage && (
        <Button size="small" className="self-start" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {s.more}
        </Button>
      )}
      {x?.hypothesis && <p className="max-w-[72ch] text-text-2">{x.hypothesis}</p>}
      {one.isError ? <ProblemNote error={one.error} onRetry={() => void one.refetch()} /> : x ? <Judged key={x.id} experiment={x} /> : <SkeletonRows />}
    </div>
  );
}
