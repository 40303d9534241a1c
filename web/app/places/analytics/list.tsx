import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { Go } from "@/app/go";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { saveAs } from "@/app/save-as";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Empty, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { cost as money } from "@/words/en/cost";
import { formatDay } from "@/words/format";
import { csvLine, formatMoney, type Filter } from "./model";
import { useKeyNames } from "./pills";
import { countedOptions, type Counted } from "./queries";
import type { ListSearch } from "./routes";

const s = w.analytics;
const l = s.list;
const nobody = (id: string) => id === "00000000-0000-0000-0000-000000000000";

/** What a figure counts: as many rows as the number said, each opening the person, the message and the event that says so. */
export function CountedPage() {
  const search = useSearch({ strict: false }) as ListSearch;
  const name = search.stage ? s.funnel.stages[search.stage] : search.metric === "sent" && search.unit === "person" ? s.written : search.metric === "cost" ? money.title : s.metrics[search.metric ?? ""];
  return (
    <Needs permission="analytics:read" title={w.shell.analytics}>
      <Page title={name ?? w.shell.analytics} actions={<Go path="/analytics" search={{ where: search.where }} className="text-accent-text">{l.back}</Go>} fill>
        {name && search.from && search.to ? <List search={search} /> : <Empty title={l.none} needs={l.noQuestion} />}
      </Page>
    </Needs>
  );
}

function List({ search }: { search: ListSearch }) {
  const { org } = useSession();
  const { open, peek } = usePeek();
  const seesHistory = useMay("audit:read");
  const q = useInfiniteQuery(countedOptions(org, search));
  const cost = search.metric === "cost";
  const people = !cost && (!!search.stage || search.unit === "person");
  const nameOf = useKeyNames(search.where ?? (search.campaign ? { campaign: [search.campaign] } : undefined));
  const rows = q.data?.pages.flatMap((p) => p.data) ?? [];
  const day = (d: string) => formatDay(d + "T12:00:00Z", "UTC");
  const filters = Object.entries((search.where ?? (search.campaign ? { campaign: [search.campaign] } : {})) as Filter) as [string, string[]][];
  const inWords = (c: Counted) => c.lead_name || c.lead_email || l.gone;
  const kinds = rows.some((r) => r.class);
  const columns: Column<Counted>[] = [
    { id: "who", label: l.who, width: "minmax(12rem,1.6fr)", cell: (c) => <span className="truncate">{inWords(c)}{c.company_name && <span className="text-text-3"> · {c.company_name}</span>}</span> },
    { id: "campaign", label: l.campaign, width: "minmax(8rem,1fr)", cell: (c) => <Go path={`/campaigns/${c.campaign_id}/overview`}>{c.campaign_name || "–"}</Go> },
    ...(search.stage ? [] : [{ id: "step", label: l.step, width: "4rem", cell: (c: Counted) => c.step }]),
    { id: "sent", label: search.stage ? l.enrolledAt : l.sent, width: "9rem", cell: (c) => <Time at={cost && c.sent_at?.startsWith("0001") ? undefined : (c.sent_at ?? c.enrolled_at)!} /> },
    ...(cost ? [{ id: "cost", label: money.title, width: "7rem", align: "right" as const, cell: (c: Counted) => formatMoney(c.cost_micros ?? 0) }] : []),
    { id: "at", label: l.at, width: "9rem", cell: (c) => <Time at={c.at} /> },
    ...(kinds ? [{ id: "class", label: l.class, width: "9rem", cell: (c: Counted) => c.class && <Chip>{(cost ? money.tasks : l.classes)[c.class] ?? c.class}</Chip> }] : []),
    ...(seesHistory ? [{ id: "event", label: l.event, width: "6rem", align: "right" as const, cell: (c: Counted) => <Go path={`/history/${c.event_number}`} className="text-accent-text">{`#${c.event_number}`}</Go> }] : []),
  ];
  const csv = () => saveAs(new Blob([[csvLine([l.who, l.campaign, l.step, l.sent, l.at, l.class, l.event]), ...rows.map((c) => csvLine([inWords(c), c.campaign_name, c.step ?? "", c.sent_at ?? c.enrolled_at ?? "", c.at, c.class ?? "", c.event_number]))].join("\r\n") + "\r\n"], { type: "text/csv" }), l.csvFile);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3 sm:px-6">
        <p className="text-text-2">
          <span className="font-medium text-text-1" data-counted={rows.length}>{cost ? money.calls(rows.length, formatMoney(rows.reduce((sum, c) => sum + (c.cost_micros ?? 0), 0))) : people ? l.people(rows.length) : l.messages(rows.length)}</span>
          {q.hasNextPage && ", " + l.more(rows.length)}, {search.stage ? l.enrolled(day(search.from!), day(search.to!)) : l.period(day(search.from!), day(search.to!))}
        </p>
        {filters.map(([name, keys]) => (
          <Chip key={name}>{s.onlyPill(s.dimensions[name] ?? name, keys.map((k) => nameOf(name, k)).join(", "))}</Chip>
        ))}
        {rows.length > 0 && !q.hasNextPage && (
          <Button size="small" look="quiet" className="ml-auto" icon={<Download size={14} aria-hidden />} onClick={csv}>
            {s.csv}
          </Button>
        )}
      </div>
      {q.error ? (
        <ProblemNote error={q.error} onRetry={() => void q.refetch()} />
      ) : (
        <Table
          label={l.who}
          rows={rows}
          columns={columns}
          idOf={(c) => (cost ? String(c.event_number) : (c.message_id ?? c.lead_id))}
          loading={q.isPending}
          onOpen={(c) => open(c.message_id && !people && !nobody(c.message_id) ? `message:${c.message_id}` : `lead:${c.lead_id}`)}
          current={rows.find((c) => peek === `message:${c.message_id}` || peek === `lead:${c.lead_id}`) && (peek!.startsWith("message:") ? peek!.slice(8) : rows.find((c) => peek === `lead:${c.lead_id}`)!.message_id)}
          more={q.hasNextPage && !q.isFetchingNextPage ? () => void q.fetchNextPage() : undefined}
          empty={<Empty title={l.none} />}
        />
      )}
    </>
  );
}
