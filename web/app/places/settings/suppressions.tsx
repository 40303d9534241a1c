import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import type { Schemas } from "@/api/client";
import { useChangeSearch } from "@/app/place-link";
import { useCan } from "@/app/may";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { SelectField, TextField } from "@/ui/field";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { suppressionsOptions, type SuppressionFilters } from "./queries";
import type { SettingsSearch } from "./routes";
import { ExportSuppressions } from "./suppress-export";
import { AddSuppressions } from "./suppress-form";
import { ImportSuppressions } from "./suppress-import";
import { LiftSuppression } from "./suppress-lift";

type Suppression = Schemas["Suppression"];
const s = w.settings.suppressions;

export default function SuppressionsSection() {
  const { org, slug } = useSession();
  const can = useCan("suppressions:write");
  const pii = useMay("pii:read");
  const mayExport = useCan("leads:export") && pii;
  const search = useSearch({ strict: false }) as SettingsSearch;
  const change = useChangeSearch();
  const set = (next: Partial<SettingsSearch>) => change(next, true);
  const filters: SuppressionFilters = { q: (pii && search.filter) || undefined, kind: search.kind as SuppressionFilters["kind"], reason: search.reason as SuppressionFilters["reason"], sort: search.sort as SuppressionFilters["sort"] };
  const list = useInfiniteQuery(suppressionsOptions(org, filters));
  const cache = useQueryClient();
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total;
  const [doing, setDoing] = useState<"add" | "import" | "export" | "">("");
  const [lifting, setLifting] = useState<Suppression>();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const active = [search.filter && `“${search.filter}”`, search.kind && s.kinds[search.kind], search.reason && s.reasons[search.reason]].filter(Boolean).join(", ");
  const clear = () => set({ filter: undefined, kind: undefined, reason: undefined });
  const columns: Column<Suppression>[] = [
    {
      id: "value",
      label: s.what,
      width: "minmax(14rem,2fr)",
      sort: pii ? "value" : undefined,
      cell: (x) => (
        <>
          <span className={x.value ? "" : "text-text-2"}>{x.value ?? x.masked ?? s.erased}</span>
          {x.subdomains && <span className="text-text-3"> · {s.andBelow}</span>}
        </>
      ),
    },
    { id: "reason", label: s.reason, width: "9rem", sort: "reason", cell: (x) => <Chip tone={x.reason === "complaint" || x.reason === "bounce" ? "bad" : "plain"}>{s.reasons[x.reason] ?? x.reason}</Chip> },
    {
      id: "lead",
      label: s.lead,
      width: "minmax(9rem,1fr)",
      cell: (x) =>
        x.lead_id && x.lead_name ? (
          <Link to={`/o/${slug}/leads/${x.lead_id}` as "/"} className="text-accent-text hover:underline">
            {x.lead_name}
          </Link>
        ) : (
          <span className="text-text-3">–</span>
        ),
    },
    { id: "since", label: s.since, width: "8rem", sort: "created_at", cell: (x) => <Time at={x.created_at} /> },
    ...(can
      ? [
          {
            id: "lift",
            label: s.lift,
            width: "6rem",
            align: "right" as const,
            cell: (x: Suppression) =>
              s.stays[x.reason] ? (
                <span className="text-text-3" title={s.stays[x.reason]}>
                  {s.staysMark}
                </span>
              ) : (
                <Button size="small" look="quiet" aria-label={s.liftOf(x.value ?? x.masked ?? s.erased)} onClick={() => setLifting(x)}>
                  {s.lift}
                </Button>
              ),
          },
        ]
      : []),
  ];
  const sort = search.sort ?? "-created_at";
  const buttons = can && (
    <>
      <Button onClick={() => setDoing("import")}>{s.import}</Button>
      <Button look="primary" onClick={() => setDoing("add")}>
        {s.add}
      </Button>
    </>
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="px-4 sm:px-6">
      </div>
      <div className="flex flex-wrap items-end gap-2 px-4 pb-3 sm:px-6">
        {pii && <TextField label={s.find} hideLabel type="search" placeholder={s.find} className="w-56 max-sm:w-full" defaultValue={search.filter ?? ""} onChange={(e) => set({ filter: e.target.value || undefined })} />}
        <SelectField label={s.reason} hideLabel className="w-44 max-sm:w-auto max-sm:flex-1" value={search.reason ?? ""} onChange={(e) => set({ reason: e.target.value || undefined })} options={[{ value: "", label: s.anyReason }, ...Object.entries(s.reasons).map(([value, label]) => ({ value, label }))]} />
        <SelectField label={s.kind} hideLabel className="w-52 max-sm:w-auto max-sm:flex-1" value={search.kind ?? ""} onChange={(e) => set({ kind: e.target.value || undefined })} options={[{ value: "", label: s.anyKind }, ...Object.entries(s.kinds).map(([value, label]) => ({ value, label }))]} />
        <span role="status" className="flex h-8 items-center text-table text-text-3">
          {total !== undefined && w.table.total(formatCount(total))}
        </span>
        <span className="ml-auto flex gap-2">
          {mayExport && rows.length > 0 && <Button onClick={() => setDoing("export")}>{s.export}</Button>}
          {(rows.length > 0 || active) && buttons}
        </span>
      </div>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={s.title}
          rows={rows}
          columns={columns}
          idOf={(x) => x.id}
          loading={list.isPending}
          more={hasNextPage ? more : undefined}
          sort={{ by: sort.replace("-", ""), descending: sort.startsWith("-") }}
          onSort={(by, down) => set({ sort: (down ? "-" : "") + by })}
          empty={active ? <NoMatch filters={active} total={cache.getQueryData(suppressionsOptions(org, {}).queryKey)?.pages[0]?.total} onClear={clear} /> : <Empty title={s.empty} needs={s.emptyNeeds} action={<div className="flex gap-2">{buttons}</div>} />}
        />
      )}
      {doing === "add" && <AddSuppressions onClose={() => setDoing("")} />}
      {doing === "import" && <ImportSuppressions onClose={() => setDoing("")} />}
      {doing === "export" && <ExportSuppressions filters={filters} total={total ?? rows.length} onClose={() => setDoing("")} />}
      {lifting && <LiftSuppression suppression={lifting} onClose={() => setLifting(undefined)} />}
    </div>
  );
}
