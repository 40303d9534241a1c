import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Needs, useCan } from "@/app/may";
import { Page } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { reportEdit } from "@/words/en/report-edit";
import { formatBytes } from "@/words/format";
import { reportRunsOptions, reportsOptions } from "./queries";
import { ReportForm } from "./report-form";
import type { ReportsSearch } from "./routes";

type Report = Schemas["Report"];
type Run = Schemas["ReportRun"];
const s = w.reports;
const e = reportEdit;

export function ReportsPage() {
  const [adding, setAdding] = useState(false);
  const may = useCan("campaigns:write");
  return (
    <Needs permission="analytics:read" title={s.title}>
      <Page
        title={s.title}
        about={s.about}
        actions={
          may && (
            <Button look="primary" onClick={() => setAdding(true)}>
              {s.add}
            </Button>
          )
        }
      >
        <List may={may} onAdd={() => setAdding(true)} />
        {adding && <ReportForm onClose={() => setAdding(false)} />}
      </Page>
    </Needs>
  );
}

function List({ may, onAdd }: { may: boolean; onAdd: () => void }) {
  const { org } = useSession();
  const { report } = useSearch({ strict: false }) as ReportsSearch;
  const go = useNavigate();
  const list = useQuery(reportsOptions(org));
  const [removing, setRemoving] = useState<Report>();
  const [editing, setEditing] = useState<string>();
  const stale = () => [[org, "analytics", "reports"]];
  const open = (id?: string) => void go({ to: ".", search: { report: id }, replace: true } as never);
  const run = useWrite({ run: (r: Report, headers) => must(api.POST("/v1/reports/{id}/runs", { params: { path: { id: r.id }, header: headers } })), stale, done: (r) => open(r.id) });
  const remove = useWrite({ run: (r: Report, headers) => must(api.DELETE("/v1/reports/{id}", { params: { path: { id: r.id }, header: headers } })), stale, done: () => setRemoving(undefined) });
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows />;
  if (!list.data.length)
    return (
      <Empty title={s.empty} needs={s.emptyAbout} action={may && <Button onClick={onAdd}>{s.add}</Button>} />
    );
  return (
    <ul className="max-w-4xl px-4 pb-12 sm:px-6">
      {list.data.map((r) => (
        <li key={r.id} className="border-b py-3 text-table">
          <div className="flex flex-wrap items-start gap-x-6 gap-y-1">
            <span className="min-w-0 flex-1 basis-72">
              <span className="font-medium">{r.plan.name}</span>
              <span className="block text-text-2">
                {r.plan.query.metrics.map((m) => w.analytics.metrics[m] ?? m).join(", ")}
                {r.plan.query.by?.length ? ` · ${s.by} ${r.plan.query.by.map((d) => w.analytics.dimensions[d] ?? d).join(", ")}` : ""}
              </span>
              <span className="block text-text-3">{s.periods[r.plan.query.period]}</span>
            </span>
            <span className="w-44 text-text-2">
              {r.next_at ? (
                <>
                  {s.next}: <Time at={r.next_at} absolute />
                </>
              ) : (
                s.byHand
              )}
            </span>
            <span className="flex flex-wrap justify-end gap-2">
              <Button size="small" aria-expanded={report === r.id} onClick={() => open(report === r.id ? undefined : r.id)}>
                {s.runs}
              </Button>
              {may && (
                <>
                  <Button size="small" aria-label={s.runOf(r.plan.name)} busy={run.isPending && run.variables?.id === r.id} onClick={() => run.mutate(r)}>
                    {s.run}
                  </Button>
                  <Button size="small" look="quiet" aria-label={e.editOf(r.plan.name)} onClick={() => setEditing(r.id)}>
                    {e.edit}
                  </Button>
                  <Button size="small" look="quiet" aria-label={s.removeAsk(r.plan.name)} onClick={() => setRemoving(r)}>
                    {s.remove}
                  </Button>
                </>
              )}
            </span>
          </div>
          {report === r.id && <Runs report={r} />}
        </li>
      ))}
      {editing && <ReportForm report={list.data.find((r) => r.id === editing)} onClose={() => setEditing(undefined)} />}
      {removing && (
        <Confirm title={s.removeAsk(removing.plan.name)} about={s.removeAbout} action={s.removeDo(removing.plan.name)} danger busy={remove.isPending} onDo={() => remove.mutate(removing)} onClose={() => setRemoving(undefined)} />
      )}
    </ul>
  );
}

function Runs({ report }: { report: Report }) {
  const { org } = useSession();
  const may = useCan("pii:read");
  const list = useQuery(reportRunsOptions(org, report.id));
  const fetchFile = useWrite({
    run: ({ run, format }: { run: Run; format: Schemas["ReportFormat"] }) => must(api.POST("/v1/report-runs/{id}/links", { params: { path: { id: run.id } }, body: { format, minutes: 15 } })),
    done: (_, link) => location.assign(link.url),
  });
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows rows={2} />;
  if (!list.data.length) return <p className="pt-2 text-text-3">{s.noRuns}</p>;
  return (
    <ul aria-label={s.runs} className="pt-2">
      {list.data.map((x) => (
        <li key={x.id} className="flex flex-wrap items-center gap-x-6 gap-y-1 py-1">
          <span className="w-52">{s.days(x.from, x.to)}</span>
          <span className="min-w-0 flex-1 basis-40 text-text-2">
            {s.statuses[x.status]} {x.reason}
          </span>
          <span className="text-text-3">
            <Time at={x.created_at} />
          </span>
          <span className="flex gap-2">
            {may &&
              x.files.map((f) => (
                <Button key={f.format} size="small" aria-label={s.fetch(s.formats[f.format] ?? f.format, x.name)} onClick={() => fetchFile.mutate({ run: x, format: f.format })}>
                  {s.formats[f.format]} <span className="text-text-3">{formatBytes(f.bytes)}</span>
                </Button>
              ))}
          </span>
        </li>
      ))}
    </ul>
  );
}
