import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Go } from "@/app/go";
import { saveAs } from "@/app/save-as";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { FiguresChart } from "./figures-chart";
import { FiguresTable } from "./figures-table";
import { axisOf, columnsOf, csvOf, narrowed, tellsCost, together, type Dimension, type Metric, type Row, type Shown } from "./model";
import { unitOf, type View } from "./page";
import { correctionsOptions, figuresOptions, marksOptions } from "./queries";

const s = w.analytics;

/** One chart and one table of the same messages. */
export function Figures({ search, from, to, today, now, set }: View) {
  const { org } = useSession();
  const metric: Shown = search.metric ?? "replied";
  const unit = unitOf(search, metric);
  const by = [search.by ?? "campaign", ...(search.by2 ? [search.by2] : [])] as Dimension[];
  const columns: Metric[] = [...columnsOf(metric, unit), ...(tellsCost(by, search.where) ? (["cost"] as const) : [])];
  const common = { period: { from, to }, filter: search.where, unit } as const;
  const chart = useQuery(figuresOptions(org, { ...common, metrics: together(metric) as Metric[], by: [axisOf(from, to)] }));
  const table = useQuery(figuresOptions(org, { ...common, metrics: columns, by, compare: search.compare ? "previous_period" : undefined }));
  const one = search.where?.campaign?.length === 1 ? search.where.campaign[0] : undefined;
  const marks = useQuery({ ...marksOptions(org, from, to, one), enabled: !!one });
  const corrections = useQuery(correctionsOptions(org, { from, to, campaign_id: one }));
  const wrong = chart.error ?? table.error;
  if (wrong) return <ProblemNote error={wrong} onRetry={() => void (chart.refetch(), table.refetch())} />;
  if (!chart.data || !table.data || table.data.rows.some((r) => r.figures.length !== columns.length))
    return (
      <>
        <div aria-hidden className="skeleton h-64" />
        <SkeletonRows rows={3} />
      </>
    );
  if (table.data.total.figures.every((f) => f.of === 0 && f.count === 0) && !search.where && !search.from && !search.to && !search.period) return <Empty title={s.empty} needs={s.emptyNeeds} />;
  const onRow = (r: Row) => {
    let where = search.where;
    for (const k of r.keys) where = narrowed(where, k.dimension, k.value);
    set({ where, by: by[0] === "campaign" ? "step" : by[0] === "step" ? "variant" : by[0], by2: undefined });
  };
  const tense = ["opened", "clicked", "replied", "interested", "auto_replied", "out_of_office"].includes(metric); // what a correction may change
  return (
    <>
      <div className="flex flex-col gap-2">
        <FiguresChart result={chart.data} metric={metric} unit={unit} from={from} to={to} today={today} now={now} marks={marks.data} onDay={(d, axis) => (axis === "day" ? set({ period: "d", from: undefined, to: d >= today ? undefined : d }) : set({ where: narrowed(search.where, "week", d) }))} onSpan={(a, b) => set({ period: undefined, from: a, to: b >= today ? undefined : b })} />
        {table.data.settles_at && table.data.total.figures[0]!.settling > 0 && <p className="text-table text-text-3">{s.settling(table.data.total.figures[0]!.settling, formatAbsolute(new Date(table.data.settles_at), zone()))}</p>}
        {tense && !!corrections.data?.length && (
          <p className="text-table text-text-2">
            <Go path="/analytics/corrections" search={{ from, to, campaign: one }} className="text-accent-text">
              {s.changed(corrections.data.length)}
            </Go>
            {s.changedNote}
          </p>
        )}
      </div>
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-4">
          <CheckField label={s.compare} checked={!!search.compare} onChange={(e) => set({ compare: e.target.checked || undefined })} />
          <Button size="small" look="quiet" className="ml-auto" icon={<Download size={14} aria-hidden />} onClick={() => saveAs(new Blob([csvOf(table.data, by, columns)], { type: "text/csv" }), s.csvFile(from, to))}>
            {s.csv}
          </Button>
        </div>
        <FiguresTable result={table.data} by={by} metric={metric} unit={unit} columns={columns} onRow={onRow} />
      </div>
      <p className="max-w-[72ch] text-table text-text-3">
        {by.includes("tag") && s.tags + " "}
        {s.notes}
      </p>
    </>
  );
}
