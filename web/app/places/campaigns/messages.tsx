import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { ColumnsMenu } from "@/app/columns-menu";
import { useChangeSearch } from "@/app/place-link";
import { Go } from "@/app/go";
import { useMay, useSession } from "@/app/session";
import { useTableLayout } from "@/app/table-layout";
import { Chip, Pill, type Tone } from "@/ui/chip";
import { SelectField } from "@/ui/field";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import type { Schemas } from "@/api/client";
import { w } from "@/words";
import { messages as messageWords } from "@/words/en/messages";
import { formatCount, formatDay } from "@/words/format";
import { SearchBox } from "./list";
import { LeadName, reasonInWords, variantName } from "./parts";
import { mailboxNamesOptions, messagesOptions, type Campaign } from "./queries";
import { messageStates, type CampaignSearch } from "./search";

type Message = Schemas["Message"];
const tones: Record<string, Tone> = { sent: "good", drafted: "accent", held: "warn", in_doubt: "bad", failed: "bad" };

/** Each message of a campaign: what the numbers of its pages count. */
export default function Messages({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as CampaignSearch;
  const change = useChangeSearch();
  const boxes = useQuery({ ...mailboxNamesOptions(org), enabled: useMay("mailboxes:read") });
  const list = useInfiniteQuery(messagesOptions(org, { campaign_id: campaign.id, state: search.message, q: search.q, day_from: search.since }));
  const rows = list.data?.pages.flatMap((x) => x.data) ?? [];
  const set = (s: CampaignSearch) => change(s, true);
  const since = search.since && messageWords.since(formatDay(search.since + "T12:00:00Z", "UTC"));
  const names = [search.q && `“${search.q}”`, search.message && w.campaigns.filterState(w.campaigns.messageStates[search.message]!), since].filter(Boolean).join(", ");
  const m = w.campaigns.messageColumns;
  const many = campaign.steps.some((s) => s.variants.length > 1);
  const columns: Column<Message>[] = [
    { id: "person", label: m.person, width: "minmax(10rem,1.4fr)", cell: (x) => <LeadName id={x.lead_id} /> },
    { id: "step", label: m.step, width: "7rem", cell: (x) => w.campaigns.stepN(x.step) + (many ? ` · ${variantName(campaign, x.variant_id)}` : "") },
    {
      id: "state",
      label: m.state,
      width: "minmax(9rem,1fr)",
      cell: (x) => (
        <span className="inline-flex max-w-full items-center gap-2">
          <Chip tone={tones[x.state]}>{w.campaigns.messageStates[x.state]}</Chip>
          {x.reason && <span className="truncate text-text-2">{reasonInWords(x.reason)}</span>}
        </span>
      ),
    },
    { id: "what", label: m.what, width: "minmax(10rem,1.2fr)", cell: (x) => <span className="text-text-2">{outcomeOf(x)}</span> },
    { id: "from", label: m.from, width: "minmax(9rem,1.2fr)", cell: (x) => <Go path={`/mailboxes/${x.mailbox_id}`}>{boxes.data?.find((b) => b.id === x.mailbox_id)?.address ?? x.mailbox_id.slice(0, 8)}</Go> },
    { id: "when", label: m.when, width: "7.5rem", align: "right", cell: (x) => <Time at={x.sent_at ?? x.scheduled_at ?? x.waiting_until ?? x.updated_at} /> },
  ];
  const layout = useTableLayout("messages", columns);
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-2 px-4 py-3 sm:px-6">
        <SearchBox label={w.campaigns.searchPeople} value={search.q} onChange={(q) => set({ q })} />
        <SelectField
          label={m.state}
          hideLabel
          className="w-36"
          value={search.message ?? ""}
          onChange={(e) => set({ message: (e.target.value || undefined) as CampaignSearch["message"] })}
          options={[{ value: "", label: w.campaigns.anyState }, ...messageStates.map((s) => ({ value: s, label: w.campaigns.messageStates[s]! }))]}
        />
        {since && (
          <Pill label={messageWords.anyDay} onRemove={() => set({ since: undefined })}>
            {since}
          </Pill>
        )}
        <span className="ml-auto flex items-center gap-3">
          <ColumnsMenu layout={layout} />
          {list.data && <span className="text-table text-text-3">{w.table.total(formatCount(list.data.pages[0]?.total ?? rows.length))}</span>}
        </span>
      </div>
      {list.isError ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={w.campaigns.tabs.messages!}
          rows={rows}
          total={list.data?.pages[0]?.total}
          columns={layout.shown}
          widths={layout.widths}
          onWidths={layout.onWidths}
          idOf={(x) => x.id}
          loading={list.isPending}
          onOpen={(x) => change({ peek: `message:${x.id}` })}
          more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          empty={names ? <NoMatch filters={names} onClear={() => set({ q: undefined, message: undefined, since: undefined })} /> : <Empty title={w.campaigns.messagesEmpty} needs={w.campaigns.messagesNeeds} />}
        />
      )}
    </div>
  );
}

/** What became of a message that was sent, the weightiest first. */
export function outcomeOf(x: Partial<Message>): string {
  const o = w.campaigns.outcome;
  if (x.meeting_at) return o.meeting;
  if (x.replied_at) return o.replied;
  if (x.bounced_at) return o.bounced;
  if (x.dropped_at) return o.dropped;
  if (x.complained_at) return o.complained;
  if (x.unsubscribed_at) return o.unsubscribed;
  if (x.auto_replied_at) return o.auto;
  if (x.first_clicked_at) return o.clicked;
  if (x.first_opened_at) return o.opened;
  if (x.machine_opened_at) return o.machine;
  return "";
}
