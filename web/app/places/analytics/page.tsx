import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useNow } from "@/app/clock";
import { Go } from "@/app/go";
import { Needs, NoPast } from "@/app/may";
import { Page } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { useShortcuts } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { SelectField } from "@/ui/field";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { showKeys } from "@/keys/registry";
import { FiguresChart } from "./figures-chart";
import { FiguresTable } from "./figures-table";
import { addDays, dayIn, metrics, parts, periods, rowsOf, span, type Metric, type Part, type PeriodName } from "./model";
import { campaignsOptions, mailboxNamesOptions, reportOptions } from "./queries";
import type { AnalyticsSearch } from "./routes";

const s = w.analytics;

export function AnalyticsPage() {
  return (
    <Needs permission="analytics:read" title={w.shell.analytics}>
      <Page
        title={w.shell.analytics}
        about={s.about}
        actions={
          <Go path="/analytics/experiments" className="text-accent-text">
            {w.experiments.title}
          </Go>
        }
      >
        <Analytics />
      </Page>
    </Needs>
  );
}

function Analytics() {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as AnalyticsSearch;
  const go = useNavigate();
  const now = useNow();
  const today = dayIn(now, zone());
  const period: PeriodName = search.period ?? "m";
  const { from, to } = span(period, search.to ?? today);
  const metric: Metric = search.metric ?? "reply";
  const by: Part = search.by ?? "campaign";
  const set = (next: Partial<AnalyticsSearch>) => void go({ to: ".", search: (x: Record<string, unknown>) => ({ ...x, ...next }), replace: true } as never);
  const choose = (p: PeriodName) => set({ period: p, to: undefined });
  const shift = (n: number) => {
    const end = addDays(to, n * periods[period]);
    set({ to: end >= today ? undefined : end });
  };
  useShortcuts([
    ...(Object.keys(periods) as PeriodName[]).map((p) => ({ keys: p, label: s.periods[p], group: w.shell.analytics, run: () => choose(p) })),
    { keys: ",", label: s.back, group: w.shell.analytics, run: () => shift(-1) },
    { keys: ".", label: s.on, group: w.shell.analytics, run: () => shift(1) },
  ]);
  const seesMailboxes = useMay("mailboxes:read");
  const campaigns = useQuery(campaignsOptions(org));
  const names = useQuery({ ...mailboxNamesOptions(org), enabled: seesMailboxes && by === "mailbox" });
  const launched = (campaigns.data ?? []).filter((c) => c.launched_at && (!search.campaign || c.id === search.campaign));
  const reports = useQueries({ queries: launched.map((c) => reportOptions(org, c.id, from, to)) });
  const wrong = campaigns.error ?? reports.find((r) => r.error)?.error;
  if (wrong) return <ProblemNote error={wrong} onRetry={() => void (campaigns.refetch(), reports.forEach((r) => void r.refetch()))} />;
  if (campaigns.data && launched.length === 0 && !search.campaign) return <Empty title={s.empty} needs={s.emptyNeeds} />;
  const ready = campaigns.data && reports.every((r) => r.data);
  const known = reports.flatMap((r, i) => (r.data ? [{ report: r.data, name: launched[i]!.name }] : []));
  return (
    <div className="flex flex-col gap-6 px-4 pb-12 sm:px-6">
      <NoPast />
      <div className="flex flex-wrap items-end gap-2">
        <SelectField label={s.metric} hideLabel className="w-44 max-sm:w-auto max-sm:flex-1" value={metric} onChange={(e) => set({ metric: e.target.value as Metric })} options={metrics.map((m) => ({ value: m, label: s.metrics[m] }))} />
        <SelectField label={s.by} hideLabel className="w-40 max-sm:w-auto max-sm:flex-1" value={by} onChange={(e) => set({ by: e.target.value as Part })} options={parts.filter((p) => p !== "mailbox" || seesMailboxes).map((p) => ({ value: p, label: s.parts[p] }))} />
        <SelectField label={s.campaign} hideLabel className="w-52 max-sm:w-full" value={search.campaign ?? ""} onChange={(e) => set({ campaign: e.target.value || undefined })} options={[{ value: "", label: s.all }, ...(campaigns.data ?? []).filter((c) => c.launched_at).map((c) => ({ value: c.id, label: c.name }))]} />
        <div role="group" aria-label={s.period} className="ml-auto flex items-center rounded-control border border-control max-sm:ml-0">
          <IconButton label={s.back} size="small" onClick={() => shift(-1)}>
            <ChevronLeft size={14} aria-hidden />
          </IconButton>
          {(Object.keys(periods) as PeriodName[]).map((p) => (
            <button key={p} type="button" title={`${s.periods[p]} (${showKeys(p)})`} aria-pressed={p === period} onClick={() => choose(p)} className={cx("h-7 px-2.5 text-table hover:bg-surface-1 pointer-coarse:h-11", p === period && "bg-accent-soft font-medium text-accent-text")}>
              {s.short[p]}
            </button>
          ))}
          <IconButton label={s.on} size="small" why={to >= today ? s.noFuture : undefined} onClick={() => shift(1)}>
            <ChevronRight size={14} aria-hidden />
          </IconButton>
        </div>
      </div>
      {!ready ? (
        <>
          <div aria-hidden className="skeleton h-64" />
          <SkeletonRows rows={3} />
        </>
      ) : (
        <>
          <FiguresChart reports={known.map((k) => k.report)} metric={metric} from={from} to={to} today={today} now={now} onDay={(d) => set({ period: "d", to: d >= today ? undefined : d })} />
          <FiguresTable rows={rowsOf(known, by, (id) => names.data?.get(id) ?? id.slice(0, 8))} metric={metric} heading={s.parts[by]} onRow={by === "campaign" && !search.campaign ? (r) => set({ campaign: r.campaign, by: "step" }) : undefined} />
          <p className="max-w-[72ch] text-table text-text-3">{s.notes}</p>
        </>
      )}
    </div>
  );
}
