import { useNavigate, useSearch } from "@tanstack/react-router";
import { Go } from "@/app/go";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useNow } from "@/app/clock";
import { w } from "@/words";
import { Cohorts } from "./cohorts";
import { Controls } from "./controls";
import { Figures } from "./figures";
import { Funnel } from "./funnel";
import { daysShown, type Shown } from "./model";
import { Pills } from "./pills";
import { views, type AnalyticsSearch } from "./routes";
import { Times } from "./times";
import { useToday } from "./today";

const s = w.analytics;

/** Everything that is looked at is in the URL: metric, breakdown, filters, period, unit. */
export function AnalyticsPage() {
  return (
    <Needs permission="analytics:read" title={w.shell.analytics}>
      <Page
        title={w.shell.analytics}
        about={s.about}
        actions={
          <>
            <Go path="/analytics/reports" className="text-accent-text">
              {w.reports.title}
            </Go>
            <Go path="/analytics/experiments" className="text-accent-text">
              {w.experiments.title}
            </Go>
          </>
        }
      >
        <Analytics />
      </Page>
    </Needs>
  );
}

export type View = { search: AnalyticsSearch; from: string; to: string; today: string; now: Date; set: (next: Partial<AnalyticsSearch>) => void };

function Analytics() {
  const search = useSearch({ strict: false }) as AnalyticsSearch;
  const go = useNavigate();
  const now = useNow();
  const today = useToday();
  const { from, to } = daysShown(search, today);
  const set = (next: Partial<AnalyticsSearch>) => void go({ to: ".", search: (x: Record<string, unknown>) => ({ ...x, campaign: undefined, ...next }), replace: true } as never);
  const v: View = { search, from, to, today, now, set };
  const view = search.view ?? "figures";
  return (
    <div className="flex flex-col gap-6 px-4 pb-12 sm:px-6">
      <div className="flex flex-col gap-3">
        <div role="group" aria-label={w.shell.analytics} className="flex flex-wrap gap-1">
          {views.map((x) => (
            <button key={x} type="button" aria-pressed={x === view} onClick={() => set({ view: x === "figures" ? undefined : x })} className="min-h-8 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text pointer-coarse:min-h-11">
              {s.views[x]}
            </button>
          ))}
        </div>
        <Controls {...v} />
        <Pills where={search.where} onChange={(where) => set({ where })} />
      </div>
      {view === "figures" && <Figures {...v} />}
      {view === "funnel" && <Funnel {...v} />}
      {view === "cohorts" && <Cohorts {...v} />}
      {view === "times" && <Times {...v} />}
    </div>
  );
}

/** Replies and meetings are of people unless somebody says otherwise. */
export const unitOf = (search: AnalyticsSearch, metric: Shown) => (metric === "delivered" ? "message" : (search.unit ?? (["replied", "interested", "meeting"].includes(metric) ? "person" : "message")));
