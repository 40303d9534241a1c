import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { ColumnsMenu } from "@/app/columns-menu";
import { useChangeSearch } from "@/app/place-link";
import { Go } from "@/app/go";
import { useMay, useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { useAt } from "@/app/shell/time-machine";
import { useTableLayout } from "@/app/table-layout";
import { Button } from "@/ui/button";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { formatCount } from "@/words/format";
import { AddPeople } from "./add-people";
import { SearchBox } from "./list";
import { LeadName, StateChip } from "./parts";
import { NextTime, Reason } from "./people-cells";
import { PeopleBar } from "./people-bar";
import { Reasons } from "./reasons";
import { peopleOptions, type Campaign, type Enrollment } from "./queries";
import { states, type CampaignSearch, type PeopleSort } from "./search";

const p = w.campaigns.peopleColumns;
const columns: Column<Enrollment>[] = [
  { id: "person", label: p.person, width: "minmax(10rem,1.5fr)", cell: (e) => (e.lead_name || e.lead_email ? <Go path={`/leads/${e.lead_id}`}>{e.lead_name || e.lead_email}</Go> : <LeadName id={e.lead_id} />) },
  { id: "company", label: p.company, width: "minmax(8rem,1fr)", cell: (e) => <span className="text-text-2">{e.company_name}</span> },
  { id: "state", label: p.state, width: "8.5rem", sort: "state", cell: (e) => <StateChip state={e.state} /> },
  { id: "step", label: p.step, width: "6rem", cell: (e) => w.campaigns.stepOf(e.step, e.steps) },
  { id: "reason", label: p.reason, width: "minmax(11rem,1.6fr)", cell: (e) => <Reason enrollment={e} /> },
  { id: "next", label: p.next, width: "8rem", cell: (e) => <NextTime enrollment={e} /> },
  { id: "changed", label: p.changed, width: "7rem", sort: "updated_at", align: "right", cell: (e) => <Time at={e.updated_at} /> },
];

export default function People({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as CampaignSearch;
  const change = useChangeSearch();
  const past = !!useAt();
  const write = useMay("campaigns:write") && !past;
  const { peek, open } = usePeek();
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const list = useInfiniteQuery(peopleOptions(org, campaign.id, { state: search.state, q: search.q, sort: search.sort, rule: search.rule }));
  const rows = list.data?.pages.flatMap((x) => x.data) ?? [];
  const layout = useTableLayout("people", columns);
  const set = (s: CampaignSearch) => {
    select(new Set());
    change(s, true);
  };
  const sort = search.sort ?? "created_at";
  const add = write && campaign.status !== "completed" && !campaign.archived_at && (
    <Button look={rows.length ? "plain" : "primary"} icon={<UserPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {w.campaigns.addPeople}
    </Button>
  );
  const names = [search.q && `“${search.q}”`, search.state && w.campaigns.filterState(w.campaigns.states[search.state]!), search.rule && ruleInWords(search.rule)].filter(Boolean).join(", ");
  const chosen = rows.filter((e) => selected.has(e.id));
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-2 px-4 py-3 sm:px-6">
        <SearchBox label={w.campaigns.searchPeople} value={search.q} onChange={(q) => set({ q })} />
        <div role="group" aria-label={p.state} className="flex flex-wrap gap-1">
          {[undefined, ...states].map((s) => (
            <button key={s ?? ""} type="button" aria-pressed={search.state === s} onClick={() => set({ state: s })} className="min-h-8 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
              {s ? w.campaigns.states[s] : w.campaigns.anyState}
            </button>
          ))}
        </div>
        <span className="ml-auto flex items-center gap-3">
          <ColumnsMenu layout={layout} />
          {list.data && <span className="text-table text-text-3">{w.table.total(formatCount(list.data.pages[0]?.total ?? rows.length))}</span>}
          {rows.length > 0 && add}
        </span>
      </div>
      <Reasons campaign={campaign} rule={search.rule} onChoose={(rule) => set({ rule })} />
      {chosen.length > 0 && <PeopleBar campaign={campaign} chosen={chosen} onDone={() => select(new Set())} />}
      {list.isError ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={w.campaigns.tabs.people!}
          rows={rows}
          columns={layout.shown}
          widths={layout.widths}
          onWidths={layout.onWidths}
          idOf={(e) => e.id}
          loading={list.isPending}
          current={peek?.startsWith("enrollment:") ? peek.slice(11).split(".")[0] : undefined}
          onOpen={(e) => open(`enrollment:${e.id}.${e.lead_id}`)}
          selected={write ? selected : undefined}
          onSelect={write ? select : undefined}
          sort={{ by: sort.replace("-", ""), descending: sort.startsWith("-") }}
          onSort={(by, descending) => set({ sort: ((descending ? "-" : "") + by) as PeopleSort })}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          empty={names ? <NoMatch filters={names} total={campaign.enrolled} onClear={() => set({ q: undefined, state: undefined, rule: undefined })} /> : <Empty title={w.campaigns.peopleEmpty} needs={w.campaigns.peopleNeeds} action={add} />}
        />
      )}
      {adding && <AddPeople campaign={campaign} onClose={() => setAdding(false)} />}
    </div>
  );
}
