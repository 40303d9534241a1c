import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { Go } from "@/app/go";
import { Page } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
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
import { campaignsOptions, countOptions, draftsOptions, reportOptions, type Campaign } from "./queries";
import { statuses, type ListSearch, type ListSort } from "./search";

export function CampaignsPage() {
  const { org, slug } = useSession();
  const search = useSearch({ strict: false }) as ListSearch;
  const go = useNavigate();
  const past = !!useAt();
  const write = useMay("campaigns:write") && !past;
  const list = useInfiniteQuery(campaignsOptions(org, { q: search.q, status: search.status, sort: search.sort }));
  const set = (s: ListSearch) => void go({ to: ".", search: (old: object) => ({ ...old, ...s }), replace: true } as never);
  const open = (path: string) => void go({ to: `/o/${slug}/campaigns/${path}` as "/" });
  useShortcuts(write ? [{ keys: "n", label: w.campaigns.new, group: w.campaigns.title, run: () => open("new"), palette: true }] : []);
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  const filtered = !!(search.q || search.status);
  const begin = write && (
    <Button look="primary" icon={<Plus size={16} aria-hidden />} onClick={() => open("new")}>
      {w.campaigns.new}
    </Button>
  );
  const sort = search.sort ?? "-created_at";
  const names = [search.q && w.campaigns.filterName(search.q), search.status && w.campaigns.filterState(w.campaigns.statuses[search.status]!)].filter(Boolean).join(", ");
  return (
    <Page title={w.campaigns.title} actions={begin} fill>
      <div className="flex flex-wrap items-end gap-2 px-4 pb-3 sm:px-6">
        <SearchBox label={w.campaigns.search} value={search.q} onChange={(q) => set({ q })} />
        <SelectField
          label={w.campaigns.status}
          hideLabel
          className="w-36"
          value={search.status ?? ""}
          onChange={(e) => set({ status: (e.target.value || undefined) as ListSearch["status"] })}
          options={[{ value: "", label: w.campaigns.anyStatus }, ...statuses.map((s) => ({ value: s, label: w.campaigns.statuses[s]! }))]}
        />
        {list.data && <span className="ml-auto text-table text-text-3">{w.table.total(formatCount(list.data.pages[0]?.total ?? rows.length))}</span>}
      </div>
      {list.isError ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={w.campaigns.title}
          rows={rows}
          columns={columns}
          idOf={(c) => c.id}
          loading={list.isPending}
          onOpen={(c) => open(`${c.id}/overview`)}
          sort={{ by: sort.replace("-", ""), descending: sort.startsWith("-") }}
          onSort={(by, descending) => set({ sort: ((descending ? "-" : "") + by) as ListSort })}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          empty={filtered ? <NoMatch filters={names} onClear={() => set({ q: undefined, status: undefined })} /> : <Empty title={w.campaigns.empty} needs={w.campaigns.emptyNeeds} action={begin} />}
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
  { id: "waiting", label: c.waiting, width: "6.5rem", align: "right", cell: (x) => (x.enrolled ? <State campaign={x} state="active" /> : <None />) },
  { id: "sent", label: c.sent, width: "5.5rem", align: "right", cell: (x) => <Figure campaign={x} what="sent" /> },
  { id: "replies", label: c.replies, width: "minmax(9.5rem,1fr)", align: "right", cell: (x) => <Figure campaign={x} what="replies" /> },
  { id: "meetings", label: c.meetings, width: "5.5rem", align: "right", cell: (x) => <Figure campaign={x} what="meetings" /> },
  { id: "approvals", label: c.approvals, width: "6rem", align: "right", cell: (x) => (x.approval === "none" ? <None /> : <Drafts campaign={x} />) },
  { id: "changed", label: c.changed, width: "7rem", sort: "updated_at", align: "right", cell: (x) => <Time at={x.updated_at} /> },
];

const None = () => <span className="text-text-3">–</span>;

function State({ campaign, state }: { campaign: Campaign; state: "active" }) {
  const { org } = useSession();
  const n = useQuery(countOptions(org, campaign.id, state));
  return n.data === undefined ? null : (
    <Go path={`/campaigns/${campaign.id}/people`} search={{ state }}>
      {formatCount(n.data)}
    </Go>
  );
}

function Drafts({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const n = useQuery({ ...draftsOptions(org, campaign.id), enabled: useMay("messages:read") });
  if (!n.data) return <None />;
  return (
    <Go path={`/campaigns/${campaign.id}/messages`} search={{ message: "drafted" }} className="text-warn">
      {formatCount(n.data)}
    </Go>
  );
}

function Figure({ campaign, what }: { campaign: Campaign; what: "sent" | "replies" | "meetings" }) {
  const { org } = useSession();
  const report = useQuery({ ...reportOptions(org, campaign.id), enabled: useMay("analytics:read") && !!campaign.launched_at });
  if (!report.data || report.data.emails_sent === 0) return <None />;
  if (what === "replies") return <Rate value={report.data.reply_rate} short />;
  if (what === "meetings") return <Go path="/meetings" search={{ campaign: campaign.id }}>{formatCount(report.data.meeting_rate.count)}</Go>;
  return (
    <Go path={`/campaigns/${campaign.id}/messages`} search={{ message: "sent" }}>
      {formatCount(report.data.emails_sent)}
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
