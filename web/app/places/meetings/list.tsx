import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useNow } from "@/app/clock";
import { Go } from "@/app/go";
import { Page } from "@/app/page";
import { campaignsOptions } from "@/app/places/mailboxes/queries";
import { useChangeSearch } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { useAt } from "@/app/shell/time-machine";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Chip, Pill } from "@/ui/chip";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { w } from "@/words";
import { formatAbsolute, formatCount, formatDay, formatRelative, formatTime } from "@/words/format";
import { bookingPages as b } from "@/words/en/booking-pages";
import { calendars as c } from "@/words/en/calendars";
import { Cancel } from "./cancel";
import { Calendars } from "./connections";
import { Move } from "./move";
import { Outcome } from "./outcome";
import { meetingsOptions, type Meeting } from "./queries";
import type { MeetingsSearch } from "./routes";

const views = [undefined, "past", "cancelled"] as const;
const outcomes = ["held", "no_show", "open"] as const;

/** Coming meetings, the next first; those that were; those that were cancelled. */
export function MeetingsPage() {
  const { org, slug } = useSession();
  const search = useSearch({ strict: false }) as MeetingsSearch;
  const go = useNavigate();
  const now = useNow();
  const past = !!useAt();
  const all = useQuery(meetingsOptions(org));
  const campaigns = useQuery({ ...campaignsOptions(org), enabled: useMay("campaigns:read") });
  const write = useMay("campaigns:write") && !past;
  const { peek, open } = usePeek();
  const [cancelling, setCancelling] = useState<Meeting>();
  const [moving, setMoving] = useState<Meeting>();
  const change = useChangeSearch();
  const set = (s: MeetingsSearch) => change(s, true);
  const m = w.meetings;
  const of = (all.data ?? []).filter((x) => !search.campaign || x.campaign_id === search.campaign);
  const chosen = sortedFor(of, search.when, now);
  const rows = search.when === "past" && search.outcome ? chosen.filter((x) => (x.outcome ?? "open") === search.outcome) : chosen;
  const nameOf = (id?: string) => campaigns.data?.find((c) => c.id === id)?.name;
  const columns: Column<Meeting>[] = [
    { id: "when", label: m.columns.when, width: "minmax(19rem,1.4fr)", cell: (x) => <When meeting={x} now={now} /> },
    { id: "theirs", label: m.columns.theirs, width: "12rem", cell: (x) => <Theirs meeting={x} /> },
    { id: "who", label: m.columns.who, width: "minmax(12rem,1.5fr)", cell: (x) => <Who meeting={x} /> },
    { id: "campaign", label: m.columns.campaign, width: "minmax(8rem,1fr)", cell: (x) => (x.campaign_id ? <Go path={`/campaigns/${x.campaign_id}/overview`}>{nameOf(x.campaign_id) ?? m.campaign}</Go> : "–") },
    { id: "from", label: m.columns.from, width: "7rem", cell: (x) => x.message_id && <ShowMessage id={x.message_id} onOpen={open} /> },
    search.when === "past"
      ? { id: "outcome", label: m.columnsOutcome, width: "13rem", cell: (x) => <Outcome meeting={x} may={write} /> }
      : search.when === "cancelled"
        ? { id: "why", label: m.columns.why, width: "minmax(8rem,1fr)", cell: (x) => <span className="text-text-2">{[x.service && b.names[x.service], x.cancelled_by === "guest" && m.byGuest, x.cancelled_by === "calendar" && c.byCalendar, x.cancelled_reason, x.service ? "" : x.guest_told_at ? m.told : m.notTold].filter(Boolean).join("; ")}</span> }
        : { id: "do", label: m.columns.change, width: "10.5rem", align: "right", cell: (x) => (x.service ? <There meeting={x} /> : write && <Actions onMove={() => setMoving(x)} onCancel={() => setCancelling(x)} />) },
  ];
  return (
    <Page title={m.title} actions={<Button onClick={() => void go({ to: `/o/${slug}/meetings/page` as "/" })}>{m.bookingPage}</Button>} fill>
      <div className="flex flex-wrap items-center gap-1 px-4 pb-3 sm:px-6">
        {views.map((v) => (
          <button key={v ?? ""} type="button" aria-pressed={search.when === v} onClick={() => set({ when: v, outcome: undefined })} className="min-h-8 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
            {m.views[v ?? "coming"]} <span className="text-text-3">{all.data && formatCount(sortedFor(of, v, now).length)}</span>
          </button>
        ))}
        {search.when === "past" && (
          <span className="ml-3 flex flex-wrap items-center gap-1 border-l pl-3">
            {outcomes.map((o) => (
              <button key={o} type="button" aria-pressed={search.outcome === o} onClick={() => set({ outcome: search.outcome === o ? undefined : o })} className="min-h-8 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
                {m.outcomes[o]} <span className="text-text-3">{all.data && formatCount(chosen.filter((x) => (x.outcome ?? "open") === o).length)}</span>
              </button>
            ))}
          </span>
        )}
        {search.campaign && (
          <Pill label={w.campaigns.remove(nameOf(search.campaign) ?? m.campaign)} onRemove={() => set({ campaign: undefined })}>
            {nameOf(search.campaign) ?? m.campaign}
          </Pill>
        )}
      </div>
      {!past && <Calendars />}
      {all.isError ? (
        <ProblemNote error={all.error} onRetry={() => void all.refetch()} />
      ) : (
        <Table
          label={m.views[search.when ?? "coming"]!}
          rows={rows}
          columns={columns}
          idOf={(x) => x.id}
          loading={all.isPending}
          current={peek?.startsWith("meeting:") ? peek.slice(8) : undefined}
          empty={
            search.campaign && (all.data?.length ?? 0) > 0 ? (
              <NoMatch filters={nameOf(search.campaign) ?? m.campaign} total={all.data?.length} onClear={() => set({ campaign: undefined, when: undefined, outcome: undefined })} />
            ) : (
              <Empty title={m.empty[search.when ?? "coming"]!} needs={search.when ? undefined : m.emptyNeeds} action={search.when ? undefined : <Button look="primary" onClick={() => void go({ to: `/o/${slug}/meetings/page` as "/" })}>{m.setHours}</Button>} />
            )
          }
        />
      )}
      {cancelling && <Cancel meeting={cancelling} onClose={() => setCancelling(undefined)} />}
      {moving && <Move meeting={moving} all={all.data ?? []} onClose={() => setMoving(undefined)} />}
    </Page>
  );
}

/** Coming: the next first. Past and cancelled: the newest first. */
export function sortedFor<M extends { starts_at: string; ends_at: string; status: string }>(all: M[], when: MeetingsSearch["when"], now: Date): M[] {
  const over = (x: M) => Date.parse(x.ends_at) <= now.getTime();
  const chosen = all.filter((x) => (when === "cancelled" ? x.status === "cancelled" : x.status === "booked" && over(x) === (when === "past")));
  return chosen.sort((a, b) => (when ? -1 : 1) * a.starts_at.localeCompare(b.starts_at));
}

function When({ meeting, now }: { meeting: Meeting; now: Date }) {
  const at = new Date(meeting.starts_at);
  return (
    <time dateTime={meeting.starts_at} title={formatAbsolute(at, zone())}>
      <span className="font-medium">{formatDay(at, zone())}</span>, {formatTime(at, zone())}–{formatTime(meeting.ends_at, zone())} <span className="text-text-3">{formatRelative(at, now)}</span>
      {meeting.join_url && meeting.status === "booked" && (
        <a href={meeting.join_url} target="_blank" rel="noreferrer" onClick={(e) => e.stopPropagation()} className="ml-2 text-accent-text underline-offset-2 hover:underline">
          {c.join}
        </a>
      )}
      {meeting.placed === "late" && meeting.status === "booked" && (
        <span className="ml-2">
          <Chip tone="warn">{c.late}</Chip>
        </span>
      )}
      {meeting.moves > 0 && meeting.status === "booked" && (
        <span className="ml-2">
          <Chip title={meeting.move_told_at ? w.meetings.moveTold : w.meetings.moveNotTold}>{meeting.moved_by === "guest" ? w.meetings.movedByGuest : w.meetings.movedChip}</Chip>
        </span>
      )}
    </time>
  );
}

function Theirs({ meeting }: { meeting: Meeting }) {
  if (!meeting.time_zone) return <span className="text-text-3">–</span>;
  const city = meeting.time_zone.split("/").pop()!.replaceAll("_", " ");
  return (
    <span className="text-text-2">
      {formatDay(meeting.starts_at, meeting.time_zone)}, {formatTime(meeting.starts_at, meeting.time_zone)} {city}
    </span>
  );
}

function Who({ meeting }: { meeting: Meeting }) {
  return (
    <span className="inline-flex max-w-full items-center gap-2">
      <Go path={`/leads/${meeting.lead_id}`} className="font-medium">
        {meeting.guest?.name ?? w.meetings.erased}
      </Go>
      <span className="truncate text-text-3">{meeting.guest?.email}</span>
      {meeting.guest?.note && <Chip title={meeting.guest.note}>{w.meetings.note}</Chip>}
    </span>
  );
}

function ShowMessage({ id, onOpen }: { id: string; onOpen: (what: string) => void }) {
  return (
    <button
      type="button"
      className="min-h-6 rounded-control underline-offset-2 hover:underline"
      onClick={(e) => {
        e.stopPropagation();
        onOpen(`message:${id}`);
      }}
    >
      {w.meetings.showMessage}
    </button>
  );
}

/** Where a meeting was booked that is changed there only. */
function There({ meeting }: { meeting: Meeting }) {
  const name = b.names[meeting.service ?? ""] ?? meeting.service ?? "";
  return (
    <span className="inline-flex items-center gap-2">
      <Chip title={b.changeAbout(name)}>{name}</Chip>
      {meeting.change_url?.startsWith("https://") && (
        <a href={meeting.change_url} target="_blank" rel="noreferrer" className="underline-offset-2 hover:underline" onClick={(e) => e.stopPropagation()}>
          {b.change}
        </a>
      )}
    </span>
  );
}

function Actions({ onMove, onCancel }: { onMove: () => void; onCancel: () => void }) {
  const button = (label: string, run: () => void) => (
    <Button
      size="small"
      look="quiet"
      className="h-6!"
      onClick={(e) => {
        e.stopPropagation();
        run();
      }}
    >
      {label}
    </Button>
  );
  return (
    <span className="inline-flex">
      {button(w.meetings.move, onMove)}
      {button(w.meetings.cancel, onCancel)}
    </span>
  );
}
