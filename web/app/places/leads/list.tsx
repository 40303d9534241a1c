import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Upload, UserPlus } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { ColumnsMenu } from "@/app/columns-menu";
import { Page } from "@/app/page";
import { PlaceLink, useChangeSearch, useGoTo } from "@/app/place-link";
import { queries } from "@/app/query";
import { SavedViews } from "@/app/saved-views";
import { useMay, useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { useAt } from "@/app/shell/time-machine";
import { columnsKept, useTableLayout } from "@/app/table-layout";
import { useShortcuts } from "@/keys/registry";
import { Button } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table } from "@/ui/table";
import { companies } from "@/words/en/companies";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { allColumns, defaultColumns } from "./columns";
import { FilterBar, filterInWords } from "./filter-bar";
import { filterNames, filtersOf, sortOf, type Filters, type LeadsSearch } from "./filters";
import { leadHeadOptions, leadRowsOptions, leadTotalOptions, type Lead } from "./queries";
import { moreThanBefore, renew } from "./rows";
import { SegmentsMenu, useSegmentNames } from "./segments";

const AddLead = lazy(() => loadPart(() => import("./add-lead")));
const BulkBar = lazy(async () => ({ default: (await loadPart(() => import("./bulk-bar"))).BulkBar }));
const BulkProgress = lazy(async () => ({ default: (await loadPart(() => import("./bulk-progress"))).BulkProgress }));

const idOf = (l: Lead) => l.id;
const noneSelected: ReadonlySet<string> = new Set();

export function LeadsPage() {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as LeadsSearch & { peek?: string };
  const change = useChangeSearch();
  const go = useGoTo();
  const at = useAt();
  const { open } = usePeek();
  const mayWrite = useMay("leads:write") && !at;
  const mayImport = useMay("imports:write") && !at;
  const asked = JSON.stringify(filtersOf(search));
  const filters = useMemo(() => JSON.parse(asked) as Filters, [asked]);
  const list = useInfiniteQuery(leadRowsOptions(org, filters, search.sort));
  const head = useQuery(leadHeadOptions(org, filters, search.sort));
  const filtered = Object.keys(filters).length > 0;
  const rows = useMemo(() => renew(list.data?.pages.flatMap((p) => p.data) ?? [], head.data?.data), [list.data, head.data]);
  const total = head.data?.total ?? list.data?.pages[0]?.total;
  const newer = list.isPlaceholderData ? 0 : moreThanBefore(head.data?.total, list.data?.pages[0]?.total);
  const empty = !list.isPending && rows.length === 0;
  const without = useQuery({ ...leadTotalOptions(org, {}), enabled: empty && filtered });

  const [selected, setSelected] = useState<ReadonlySet<string>>(noneSelected);
  const [everything, setEverything] = useState(false);
  const select = (ids: ReadonlySet<string>) => {
    setSelected(ids);
    setEverything(false);
  };
  useEffect(() => select(noneSelected), [filters]);

  const table = "leads." + org; // fields of your own are the organisation's
  const wanted = search.cols ?? columnsKept(table);
  const scored = rows.some((r) => r.lead_score !== undefined);
  const all = useMemo(() => allColumns(rows, wanted.split(",")), [rows, wanted]);
  const kept = useTableLayout(table, all, scored ? defaultColumns : defaultColumns.filter((id) => id !== "lead_score")); // nobody is scored yet
  const layout = {
    ...kept,
    shown: search.cols ? search.cols.split(",").flatMap((id) => all.find((c) => c.id === id) ?? []) : kept.shown, // a copied link shows the same
    onColumns: (ids?: string[]) => {
      kept.onColumns(ids);
      change({ cols: ids?.join(",") }, true);
    },
  };
  const segmentNames = useSegmentNames();
  const [adding, setAdding] = useState(false);
  const refresh = () => {
    void queries.resetQueries({ queryKey: leadRowsOptions(org, filters, search.sort).queryKey });
    void head.refetch();
  };
  const clear = () => change({ ...Object.fromEntries(Object.keys(filters).map((n) => [n, undefined])) });
  useShortcuts([
    ...(mayImport ? [{ keys: "shift+i", label: w.leads.import, group: w.leads.title, run: () => go("/imports/new"), palette: true }] : []),
    ...(mayWrite ? [{ keys: "shift+n", label: w.leads.add, group: w.leads.title, run: () => setAdding(true), palette: true }] : []),
  ]);
  return (
    <Page
      title={w.leads.title}
      fill
      about={
        <span className="flex items-center gap-2" role="status">
          {total !== undefined && w.leads.total(total)}
          {newer > 0 && (
            <Button size="small" onClick={refresh} title={w.leads.showNewer}>
              {w.leads.newer(newer)}
            </Button>
          )}
        </span>
      }
      actions={
        <>
          <PlaceLink to="/companies">{companies.title}</PlaceLink>
          <PlaceLink to="/imports">{w.leads.imports}</PlaceLink>
          {mayWrite && (
            <Button icon={<UserPlus size={14} aria-hidden />} onClick={() => setAdding(true)} className="max-sm:hidden">
              {w.leads.add}
            </Button>
          )}
          {mayImport && (
            <Button look="primary" icon={<Upload size={14} aria-hidden />} onClick={() => go("/imports/new")}>
              {w.leads.import}
            </Button>
          )}
        </>
      }
    >
      <FilterBar filters={filters} onChange={change}>
        <SegmentsMenu filters={filters} onChoose={(segment_id) => change({ ...Object.fromEntries(Object.keys(filters).map((n) => [n, undefined])), segment_id })} />
        <SavedViews page="leads" looked={{ ...Object.fromEntries(filterNames.map((n) => [n, undefined])), ...filters, sort: search.sort, cols: search.cols }} />
        <ColumnsMenu layout={layout} />
      </FilterBar>
      <Suspense>{search.job && <BulkProgress jobs={search.job.split(",")} onClose={() => change({ job: undefined })} onDone={refresh} onJobs={(jobs) => change({ job: jobs.join(",") }, true)} />}</Suspense>
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      <Table
        label={w.leads.title}
        rows={rows}
        total={total}
        columns={layout.shown}
        widths={layout.widths}
        onWidths={layout.onWidths}
        idOf={idOf}
        onOpen={(l) => open("lead:" + l.id)}
        current={search.peek?.startsWith("lead:") ? search.peek.slice(5) : undefined}
        sort={sortOf(search)}
        onSort={(by, descending) => change({ sort: (descending ? "-" : "") + by })}
        selected={mayWrite ? (everything ? new Set(rows.map(idOf)) : selected) : undefined}
        onSelect={mayWrite ? select : undefined}
        more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
        loading={list.isPending}
        empty={
          list.error ? null : filtered ? (
            <NoMatch filters={Object.entries(filters).map(([n, v]) => filterInWords(n, v, segmentNames)).join(", ")} total={without.data} onClear={clear} />
          ) : (
            <Empty
              title={w.leads.emptyTitle}
              needs={w.leads.emptyNeeds}
              action={
                mayImport ? (
                  <Button look="primary" icon={<Upload size={14} aria-hidden />} onClick={() => go("/imports/new")}>
                    {w.leads.import}
                  </Button>
                ) : undefined
              }
            />
          )
        }
      />
      <Suspense>
      {mayWrite && (selected.size > 0 || everything) && (
        <BulkBar ids={[...selected]} filters={filters} everything={everything} total={total ?? 0} onEverything={() => setEverything(true)} onClear={() => select(noneSelected)} onJobs={(jobs) => change({ job: jobs.join(",") })} />
      )}
      </Suspense>
      <p className="sr-only" role="status">
        {selected.size > 0 ? w.leads.selected(everything ? (total ?? 0) : selected.size) : total !== undefined ? formatCount(total) : ""}
      </p>
      <Suspense>{adding && <AddLead onClose={() => setAdding(false)} />}</Suspense>
    </Page>
  );
}
