import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useNow } from "@/app/clock";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { useChangeSearch, useGoTo } from "@/app/place-link";
import { Cohorts } from "@/app/places/analytics/cohorts";
import { FiguresChart } from "@/app/places/analytics/figures-chart";
import { addDays, axisOf, dayIn, together, type Metric, type Shown } from "@/app/places/analytics/model";
import { figuresOptions, marksOptions } from "@/app/places/analytics/queries";
import { useToday } from "@/app/places/analytics/today";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { ProblemNote, Skeleton } from "@/ui/states";
import { w } from "@/words";
import type { Campaign } from "./queries";
import { overTimes, type CampaignSearch } from "./search";

/** What became of a campaign's messages by the day on which they left, with what was done to it on the axis; then its people by the week of their first message. */
export default function OverTime({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as CampaignSearch;
  const change = useChangeSearch();
  const go = useGoTo();
  const now = useNow();
  const today = useToday();
  const metric: Shown = search.metric ?? "sent";
  const launched = dayIn(new Date(campaign.launched_at ?? now), zone());
  const from = launched < addDays(today, -364) ? addDays(today, -364) : launched;
  const chart = useQuery(figuresOptions(org, { metrics: together(metric) as Metric[], by: [axisOf(from, today)], period: { from, to: today }, filter: { campaign: [campaign.id] }, unit: "message" }));
  const marks = useQuery(marksOptions(org, from, today, campaign.id));
  const where = { campaign: [campaign.id] };
  return (
    <>
      <Section
        title={w.campaigns.byDay}
        actions={
          <>
            <div role="group" aria-label={w.analytics.metric} className="flex flex-wrap gap-1">
              {overTimes.map((m) => (
                <button key={m} type="button" aria-pressed={m === metric} onClick={() => change({ metric: m === "sent" ? undefined : m }, true)} className="min-h-7 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
                  {w.analytics.metrics[m]}
                </button>
              ))}
            </div>
            <Go path="/analytics" search={{ where, metric }} className="text-table text-accent-text">
              {w.campaigns.inAnalytics}
            </Go>
          </>
        }
      >
        <div className="pt-3">
          {chart.error ? (
            <ProblemNote error={chart.error} onRetry={() => void chart.refetch()} />
          ) : chart.data && chart.data.total.figures.length === together(metric).length ? (
            <FiguresChart result={chart.data} metric={metric} unit="message" from={from} to={today} today={today} now={now} marks={marks.data} onDay={(d, axis) => go("/analytics", { where, metric, period: axis === "day" ? "d" : "w", to: axis === "day" ? d : addDays(d, 6) < today ? addDays(d, 6) : undefined })} onSpan={(a, b) => go("/analytics", { where, metric, from: a, to: b < today ? b : undefined })} />
          ) : (
            <Skeleton className="h-56! w-full" />
          )}
        </div>
      </Section>
      <Cohorts search={{ where }} from={from} to={today} today={today} now={now} set={() => undefined} />
    </>
  );
}
