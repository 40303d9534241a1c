import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useChangeSearch, useGoTo } from "@/app/place-link";
import { queries } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useStableRows } from "@/app/stable-rows";
import { useShortcuts } from "@/keys/registry";
import { Button } from "@/ui/button";
import { Chip, Pill, type Tone } from "@/ui/chip";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { DoneWithAll } from "./done-with-all";
import { InboxList } from "./list";
import { threadOptions, threadsOptions, type Entry } from "./queries";
import { nextAfter, type InboxSearch, type ThreadScope } from "./scopes";
import { ThreadPane } from "./thread";
import { useThreadActions } from "./thread-actions";

const idOf = (e: Entry) => e.id;
const tones: Record<string, Tone> = { interested: "good", meeting_request: "good", referral: "good", hostile_or_legal: "bad", not_interested: "plain", unsubscribe: "warn", maybe_unsubscribe: "warn", bounce: "bad", complaint: "bad", not_now: "accent" };

export function ThreadChip({ entry }: { entry: Pick<Entry, "last_class" | "last_meaning" | "confidence"> }) {
  const what = entry.last_class === "reply" ? (entry.last_meaning ?? "other") : entry.last_class;
  const low = entry.confidence === "low";
  return (
    <Chip tone={tones[what] ?? "plain"} uncertain={low} title={low ? w.inbox.uncertain : undefined}>
      {entry.last_class === "reply" ? w.inbox.meaning[what] : w.inbox.class[what]}
    </Chip>
  );
}

/** Conversations: a handled one leaves the list and the next one opens. */
export function Threads({ scope, search, open }: { scope: ThreadScope; search: InboxSearch; open?: string }) {
  const { org } = useSession();
  const go = useGoTo();
  const change = useChangeSearch();
  const may = useMay("messages:write") && !useAt();
  const list = useInfiniteQuery(threadsOptions(org, scope, search));
  const actions = useThreadActions(scope);
  const all = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data]);
  const { rows, held, show } = useStableRows(all.filter((e) => !actions.left.has(e.id)), idOf, scope + JSON.stringify(search));
  const ids = rows.map(idOf);
  // Once the server doesn't list it any more, what left may come back with another answer.
  useEffect(() => {
    for (const id of actions.left) if (!list.isFetching && !all.some((e) => e.id === id)) actions.come(id);
  }, [all, list.isFetching]);
  const to = (id?: string, replace = true) => go(`/inbox/${scope}${id ? "/" + id : ""}`, search as Record<string, string>, replace && !!open);
  const current = rows.find((e) => e.id === open);
  // The next one is there before it is asked for, so that no key of a quick hand falls into nothing.
  const after = open && nextAfter(ids, open);
  useEffect(() => {
    if (after) void queries.prefetchQuery(threadOptions(org, after));
  }, [after]);
  const [first, setFirst] = useState<string>();
  const step = (by: number) => {
    const i = open ? ids.indexOf(open) : -1;
    const next = ids[Math.max(0, Math.min(ids.length - 1, i + by))];
    if (next) to(next);
  };
  // On a wide screen there is always one to read.
  useEffect(() => {
    if (!open && ids[0] && first !== scope && window.matchMedia("(min-width: 64rem)").matches) {
      setFirst(scope);
      go(`/inbox/${scope}/${ids[0]}`, search as Record<string, string>, true);
    }
  }, [open, ids[0]]);
  useShortcuts([
    { keys: "j", label: w.inbox.next, group: w.inbox.title, run: () => step(1) },
    { keys: "k", label: w.inbox.previous, group: w.inbox.title, run: () => step(-1) },
    { keys: "enter", label: w.inbox.open, group: w.inbox.title, run: () => (open ? document.getElementById("thread")?.focus() : step(1)) },
  ]);
  const leave = (id: string) => to(nextAfter(ids, id));
  const filtered = !!(search.q || search.class || search.meaning || search.confidence || search.mailbox_id || search.campaign_id);
  return (
    <>
      <InboxList
        label={w.inbox.list}
        rows={rows}
        idOf={idOf}
        open={open}
        onOpen={(id) => to(id)}
        held={held}
        onHeld={show}
        loading={list.isPending}
        more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
        header={
          <div className="flex flex-wrap items-center gap-2 border-b px-3 py-2">
            <SearchBox value={search.q ?? ""} onChange={(q) => change({ q: q || undefined }, true)} />
            {search.meaning && <FilterPill label={w.inbox.meaning[search.meaning]!} onRemove={() => change({ meaning: undefined })} />}
            {search.confidence && <FilterPill label={w.inbox.toCheck} onRemove={() => change({ confidence: undefined })} />}
            {may && scope === "answer" && search.meaning && rows.length > 1 && <DoneWithAll entries={rows} actions={actions} />}
            {search.class && <FilterPill label={w.inbox.class[search.class]!} onRemove={() => change({ class: undefined })} />}
          </div>
        }
        row={(e) => <Row entry={e} />}
        empty={
          list.error ? (
            <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
          ) : filtered ? (
            <NoMatch filters={[search.q, search.class && w.inbox.class[search.class], search.meaning && w.inbox.meaning[search.meaning], search.confidence && w.inbox.toCheck].filter(Boolean).join(", ") || w.inbox.list} onClear={() => go(`/inbox/${scope}`)} />
          ) : (
            <Empty title={w.inbox.emptyTitle[scope]!} needs={w.inbox.emptyNeeds[scope]} action={scope !== "all" ? <Button onClick={() => go("/inbox/all")}>{w.inbox.seeAll}</Button> : undefined} />
          )
        }
      />
      {open ? (
        <ThreadPane key={open} id={open} entry={current} may={may} actions={actions} onLeave={() => leave(open)} onBack={() => go(`/inbox/${scope}`, search as Record<string, string>)} />
      ) : (
        <p className="flex flex-1 items-center justify-center px-6 text-text-3 max-sm:hidden">{rows.length > 0 && w.inbox.choose}</p>
      )}
    </>
  );
}

function Row({ entry: e }: { entry: Entry }) {
  return (
    <>
      <span className="flex items-baseline gap-2">
        {e.unread && <span className="size-2 shrink-0 self-center rounded-full bg-accent" role="img" aria-label={w.inbox.unread} />}
        <span className={e.unread ? "truncate font-semibold" : "truncate font-medium"}>{e.lead_name ?? e.lead_email ?? ""}</span>
        <span className="min-w-0 flex-1 truncate text-table text-text-3">{e.company_name}</span>
        <span className="shrink-0 text-meta text-text-3">
          <Time at={e.last_at} />
        </span>
      </span>
      <span className="truncate text-table text-text-2">{e.snippet ?? e.subject ?? ""}</span>
      <span className="flex items-center gap-2 overflow-hidden">
        <ThreadChip entry={e} />
        <span className="truncate text-meta text-text-3">{e.campaign_name}</span>
      </span>
    </>
  );
}

function FilterPill({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <Pill label={w.leads.removeFilter(label)} onRemove={onRemove}>
      {label}
    </Pill>
  );
}

export function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text.trim() === value) return;
    const t = setTimeout(() => onChange(text.trim()), 250);
    return () => clearTimeout(t);
  }, [text]);
  return (
    <label className="relative flex min-w-0 flex-1 basis-40 items-center">
      <span className="sr-only">{w.inbox.search}</span>
      <Search size={14} aria-hidden className="pointer-events-none absolute left-2 text-text-3" />
      <input type="search" value={text} onChange={(e) => setText(e.target.value)} placeholder={w.inbox.search} className="h-7 w-full rounded-control border border-control bg-surface-0 pr-2 pl-7 text-table pointer-coarse:min-h-11" />
    </label>
  );
}
