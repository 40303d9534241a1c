import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { Go } from "@/app/go";
import { ColumnsMenu } from "@/app/columns-menu";
import { Page } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { SavedViews } from "@/app/saved-views";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useTableLayout } from "@/app/table-layout";
import { useShortcuts } from "@/keys/registry";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Rate } from "@/ui/rate";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { StatusChip } from "./parts";
import { campaignsOptions, type Campaign } from "./queries";
import { statuses, type ListSearch, type ListSort } from "./search";

export function CampaignsPage() {
  const { org, slug } = useSession();
  const search = useSearch({ strict: false }) as ListSearch;
  const go = useNavigate();
  const change = useChangeSearch();
  const past = !!useAt();
  const write = useMay("campaigns:write") && !past;
  const list = useInfiniteQuery(campaignsOptions(org, { q: search.q, status: search.status, archived: search.archived, launch_requested: search.launch_requested, sort: search.sort }));
  const layout = useTableLayout("campaigns", columns);
  const set = (s: ListSearch) => change(s, true);
  const open = (path: string) => void go({ to: `/o/${slug}/campaigns/${path}` as "/" });
  useShortcuts(write ? [{ keys: "n", label: w.campaigns.new, group: w.campaigns.title, run: () => open("new"), palette: true }] : []);
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  const filtered = !!(search.q || search.status || search.archived || search.launch_requested);
  const begin = write && (
    <Button look="primary" icon={<Plus size={16} aria-hidden />} onClick={() => open("new")}>
      {w.campaigns.new}
    </Button>
  );
  const sort = search.sort ?? "-created_at";
  const names = [search.q && w.campaigns.filterName(search.q), search.status && w.campaigns.filterState(w.campaigns.statuses[search.status]!), search.archived && w.campaigns.archived.toLowerCase(), search.launch_requested && w.campaigns.launchAsked.toLowerCase()].filter(Boolean).join(", ");
  return (
    <Page title={w.campaigns.title} actions={begin} fill>
      <div className="flex flex-wrap items-end gap-2 px-4 pb-3 sm:px-6">
        <SearchBox label={w.campaigns.search} value={search.q} onChange={(q) => set({ q })} />
        <SelectField
          label={w.campaigns.status}
          hideLabel
          className="w-36"
          value={search.archived ? "archived" : search.launch_requested ? "asked" : (search.status ?? "")}
          onChange={(e) => {
            const v = e.target.value;
            set({ archived: v === "archived" || undefined, launch_requested: v === "asked" || undefined, status: statuses.find((s) => s === v) });
          }}
          options={[{ value: "", label: w.campaigns.anyStatus }, ...statuses.map((s) => ({ value: s, label: w.campaigns.statuses[s]! })), { value: "asked", label: w.campaigns.launchAsked }, { value: "archived", label: w.campaigns.archived }]}
        />
        <SavedViews page="campaigns" looked={{ q: search.q, status: search.status, archived: search.archived, launch_requested: search.launch_requested, sort: search.sort }} />
        <ColumnsMenu layout={layout} />
        {list.data && <span className="ml-auto text-table text-text-3">{w.table.total(formatCount(list.data.pages[0]?.total ?? rows.length))}</span>}
      </div>
      {list.isError ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={w.campaigns.title}
          rows={rows}
          total={list.data?.pages[0]?.total}
          columns={layout.shown}
          widths={layout.widths}
          onWidths={layout.onWidths}
          idOf={(c) => c.id}
          loading={list.isPending}
          onOpen={(c) => open(`${c.id}/overview`)}
          sort={{ by: sort.replace("-", ""), descending: sort.startsWith("-") }}
          onSort={(by, descending) => set({ sort: ((descending ? "-" : "") + by) as ListSort })}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          empty={filtered ? <NoMatch filters={names} onClear={() => set({ q: undefined, status: undefined, archived: undefined, launch_requested: undefined })} /> : <Empty title={w.campaigns.empty} needs={w.campaigns.emptyNeeds} action={begin} />}
        />
      )}
    </Page>
  );
}

const c = w.campaigns.columns;
const columns: Column<Campaign>[] = [
  { id: "name", label: c.name, width: "minmax(11rem,2fr)", sort: "name", cell: (x) => <Go path={`/campaigns/${x.id}/overview`} className="font-medium">{x.name}</Go> },
  { id: "status", label: c.status, width: "minmax(8rem,1.4fr)", sort: "status", cell: (x) => <StatusChip campaign={x} /> },
  { id: "people", label: c.people, width: "5.5rem", align: "right", cell: (x) => <Go path={`/campaigns/${x.id}/people`}>{formatCount(x.enrolled)}</Go> },
  { id: "waiting", label: c.waiting, width: "6.5rem", align: "right", cell: (x) => <Count n={x.figures?.active} path={`/campaigns/${x.id}/people`} search={{ state: "active" }} /> },
  { id: "sent", label: c.sentWeek, width: "6rem", align: "right", cell: (x) => <Count n={x.figures?.sent_7_days} path={`/campaigns/${x.id}/messages`} search={{ since: x.figures?.sent_since }} /> },
  { id: "replies", label: c.replies, width: "minmax(9.5rem,1fr)", align: "right", cell: (x) => (x.figures && x.figures.human_reply_rate.of > 0 ? <Go path={`/campaigns/${x.id}/overview`}>{<Rate value={x.figures.human_reply_rate} short />}</Go> : <None />) },
  { id: "meetings", label: c.meetings, width: "5.5rem", align: "right", cell: (x) => <Count n={x.figures?.meetings} path="/meetings" search={{ campaign: x.id }} /> },
  { id: "next", label: c.next, width: "7rem", align: "right", cell: (x) => (x.figures?.next_send_at ? <Time at={x.figures.next_send_at} /> : <None />) },
  { id: "approvals", label: c.approvals, width: "6rem", align: "right", cell: (x) => (x.approval === "none" ? <None /> : <Count n={x.figures?.approvals_waiting} path={`/campaigns/${x.id}/messages`} search={{ message: "drafted" }} className="text-warn" />) },
  { id: "changed", label: c.changed, width: "7rem", sort: "updated_at", align: "right", cell: (x) => <Time at={x.updated_at} /> },
];

const None = () => <span className="text-text-3">–</span>;

function Count({ n, path, search, className }: { n?: number; path: string; search?: Record<string, unknown>; className?: string }) {
  if (!n) return <None />;
  return (
    <Go path={path} search={search} className={className}>
      {formatCount(n)}
    </Go>
  );
}

/** A text that filters, once one has stopped typing. */
export function SearchBox({ label, value, onChange }: { label: string; value?: string; onChange: (q?: string) => void }) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  useEffect(() => {
    if (text === (value ?? "")) return;
    const t = setTimeout(() => onChange(text.trim() || undefined), 200);
    return () => clearTimeout(t);
  }, [text]);
  return <TextField label={label} hideLabel type="search" placeholder={label} className="w-64 max-w-full" value={text} maxLength={200} onChange={(e) => setText(e.target.value)} />;
}
