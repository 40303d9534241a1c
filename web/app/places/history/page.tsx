import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { Radio, ShieldCheck } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ColumnsMenu } from "@/app/columns-menu";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { useAt } from "@/app/shell/time-machine";
import { useTableLayout } from "@/app/table-layout";
import { useShortcuts } from "@/keys/registry";
import { useLiveEvents } from "@/live/live";
import type { LiveEvent } from "@/live/events";
import { Button } from "@/ui/button";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { Filters, filtersInWords } from "./filters";
import { actorInWords, mayMatch, prepend, sentence, subjectOf, type Entry } from "./model";
import { OverTime } from "./over-time";
import { entriesOptions, newest } from "./queries";
import type { HistorySearch } from "./routes";
import { Stamp } from "./stamp";

const s = w.history;

export function HistoryPage() {
  return (
    <Needs permission="audit:read" title={w.shell.history}>
      <History />
    </Needs>
  );
}

function History() {
  const { org, slug } = useSession();
  const asked = useSearch({ strict: false }) as HistorySearch;
  const at = useAt();
  const search: HistorySearch = at && !asked.to ? { ...asked, to: at } : asked;
  const change = useChangeSearch();
  const set = (next: Partial<HistorySearch>) => change(next, true);
  const options = entriesOptions(org, search);
  const list = useInfiniteQuery({ ...options, refetchInterval: (q) => (q.state.data?.pages[0]?.data.length === 0 ? 3000 : false) }); // an empty one may be behind
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data]);
  const { fresh, take } = useFresh(search, rows[0]?.oseq ?? 0, options.queryKey);
  const { peek, open } = usePeek();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  useShortcuts([
    { keys: "shift+l", label: s.live, group: w.shell.history, palette: true, run: () => set({ live: !asked.live || undefined }) },
    { keys: "n", label: s.fresh(fresh), group: w.shell.history, run: () => void take() },
  ]);
  const active = filtersInWords(asked);
  const columns: Column<Entry>[] = [
    { id: "time", label: s.time, width: "10.5rem", cell: (e) => <Stamp at={e.time} /> },
    { id: "what", label: s.what, width: "minmax(16rem,3fr)", cell: (e) => <span title={e.type}>{sentence(e)}</span> },
    { id: "about", label: s.about, width: "minmax(10rem,1.2fr)", cell: (e) => <About entry={e} slug={slug} /> },
    { id: "actor", label: s.actor, width: "minmax(7rem,1fr)", cell: (e) => <span className="text-text-2">{actorInWords(e.actor)}</span> },
    { id: "oseq", label: s.number, width: "5.5rem", align: "right", cell: (e) => <span className="text-text-3">{formatCount(e.oseq)}</span> },
  ];
  const layout = useTableLayout("history", columns);
  return (
    <Page
      fill
      title={w.shell.history}
      actions={
        <>
          <ColumnsMenu layout={layout} />
          {!at && (
            <Button size="small" aria-pressed={!!asked.live} title={asked.live ? s.liveOn : s.liveOff} icon={<Radio size={14} aria-hidden />} className={asked.live ? "bg-accent-soft! text-accent-text!" : ""} onClick={() => set({ live: !asked.live || undefined })}>
              {s.live}
            </Button>
          )}
          <Link to={`/o/${slug}/history/proof` as "/"} className="inline-flex h-7 items-center gap-1.5 rounded-control border border-control px-2 text-table font-medium hover:bg-surface-1 pointer-coarse:min-h-11">
            <ShieldCheck size={14} aria-hidden /> {s.proof}
          </Link>
        </>
      }
    >
      <Filters search={asked} set={set} />
      <OverTime search={search} set={set} />
      <div aria-live="polite" className="relative h-0">
        {fresh > 0 && !asked.live && (
          <button type="button" onClick={() => void take()} className="appear absolute top-11 left-1/2 z-20 min-h-7 -translate-x-1/2 rounded-full bg-accent px-3 text-table font-medium text-on-accent shadow-float">
            {s.fresh(fresh)}
          </button>
        )}
      </div>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <Table
          label={s.list}
          rows={rows}
          columns={layout.shown}
          widths={layout.widths}
          onWidths={layout.onWidths}
          idOf={(e) => String(e.oseq)}
          loading={list.isPending}
          more={hasNextPage ? more : undefined}
          current={peek?.startsWith("event:") ? peek.slice(6) : undefined}
          onOpen={(e) => open("event:" + e.oseq)}
          empty={active ? <NoMatch filters={active} onClear={() => set({ type: undefined, actor: undefined, subject: undefined, request: undefined, from: undefined, to: undefined, q: undefined })} /> : <Empty title={s.empty} needs={s.emptyNeeds} />}
        />
      )}
    </Page>
  );
}

function About({ entry, slug }: { entry: Entry; slug: string }) {
  const a = subjectOf(entry);
  const text = a.title ?? `${s.kinds[a.kind] ?? a.kind.replaceAll("_", " ")} ${a.id.slice(0, 8)}`;
  if (!a.path) return <span className="text-text-2">{text}</span>;
  return (
    <Link to={`/o/${slug}${a.path}` as "/"} onClick={(e) => e.stopPropagation()} className="text-accent-text hover:underline">
      {text}
    </Link>
  );
}

/** Counts what came since the list was read; takes it in when asked, or by itself (while live, or while there is none) once a second at most. */
function useFresh(search: HistorySearch, top: number, queryKey: readonly unknown[]) {
  const client = useQueryClient();
  const [heard, setHeard] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const now = useRef({ search, top });
  now.current = { search, top };
  const take = useCallback(async () => {
    setHeard(0);
    const page = await newest(now.current.search);
    client.setQueryData(queryKey, (d: InfiniteData<{ data: Entry[]; next_cursor: string | null }> | undefined) => {
      const first = d?.pages[0];
      const joined = first && prepend(page.data, first.data);
      if (!d || !joined) return { pages: [page], pageParams: [undefined] };
      return { ...d, pages: [{ ...first, data: joined }, ...d.pages.slice(1)] };
    });
  }, [JSON.stringify(queryKey)]);
  const hear = useCallback(
    (e: LiveEvent) => {
      if (e.oseq <= now.current.top || !mayMatch(now.current.search, e)) return;
      setHeard((n) => Math.min(999, n + 1));
      if (now.current.search.live || now.current.top === 0)
        timer.current ??= setTimeout(() => {
          timer.current = undefined;
          void take();
        }, 1000);
    },
    [take],
  );
  useLiveEvents(hear);
  useEffect(() => setHeard(0), [JSON.stringify(queryKey)]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { fresh: heard, take };
}

