import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { api, must } from "@/api/client";
import { leadOptions, messageOptions } from "@/app/places/leads/queries";
import { useCampaigns, personName } from "@/app/names";
import { useGoTo } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useStableRows } from "@/app/stable-rows";
import { useShortcuts } from "@/keys/registry";
import { Button, IconButton } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { loadPart } from "@/ui/load-part";
import { Modal } from "@/ui/overlay";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { DraftView } from "./draft-view";
import { InboxList } from "./list";
import { waitingOptions, type Message } from "./queries";
import type { Rejection } from "./reject-dialog";
import { nextAfter, type InboxSearch } from "./scopes";

const RedraftDialog = lazy(async () => ({ default: (await loadPart(() => import("./redraft-dialog"))).RedraftDialog }));
const RejectDialog = lazy(async () => ({ default: (await loadPart(() => import("./reject-dialog"))).RejectDialog }));

const idOf = (m: Message) => m.id;

/** Drafts that wait for a person. Nothing is approved by waiting, and nothing leaves before the server says that it is approved. */
export function Approvals({ search, open }: { search: InboxSearch; open?: string }) {
  const { org } = useSession();
  const go = useGoTo();
  const at = useAt();
  const may = useMay("messages:approve") && !at;
  const edit = useMay("pii:read") && may;
  const list = useInfiniteQuery(waitingOptions(org, "approvals", search));
  const all = list.data?.pages.flatMap((p) => p.data) ?? [];
  const { rows, held, show } = useStableRows(all, idOf, "approvals" + JSON.stringify(search));
  const ids = rows.map(idOf);
  const [ask, setAsk] = useState<"all" | "reject" | "redraft">();
  const [editing, setEditing] = useState<string>();
  const to = (id?: string) => go(`/inbox/approvals${id ? "/" + id : ""}`, search as Record<string, string>, !!open);
  useEffect(() => {
    if (!open && ids[0] && window.matchMedia("(min-width: 64rem)").matches) to(ids[0]);
  }, [open, ids[0]]);
  const stale = () => [[org, "messages"], [org, "enrollments"], [org, "campaigns"], [org, "today"]];
  const after = (say: string) => {
    setAsk(undefined);
    toast.say(say);
    if (open && ids.length) to(nextAfter(ids, open));
  };
  const approve = useWrite({
    run: (message_ids: string[], header) => must(api.POST("/v1/messages/approve", { params: { header }, body: { message_ids } })),
    stale,
    done: () => after(w.inbox.approved),
  });
  const reject = useWrite({
    run: (r: Rejection & { id: string }, header) => must(api.POST("/v1/messages/reject", { params: { header }, body: { message_ids: [r.id], reason: r.reason, then: r.then } })),
    stale,
    done: (r) => after(w.inbox.rejectedThen[r.then]),
  });
  const redraft = useWrite({ run: (a: { id: string; instruction?: string }, header) => must(api.POST("/v1/messages/{id}/redraft", { params: { path: { id: a.id }, header }, body: { instruction: a.instruction } })), stale, done: () => after(w.inbox.redrafted) });
  const step = (by: number) => {
    const next = ids[Math.max(0, Math.min(ids.length - 1, (open ? ids.indexOf(open) : -1) + by))];
    if (next) to(next);
  };
  useShortcuts([
    { keys: "j", label: w.inbox.next, group: w.inbox.title, run: () => step(1) },
    { keys: "k", label: w.inbox.previous, group: w.inbox.title, run: () => step(-1) },
    ...(may && open && editing !== open // what is typed isn't what would be approved
      ? [
          { keys: "a", label: w.inbox.approve, group: w.inbox.scopes.approvals!, run: () => approve.mutate([open]), palette: true },
          { keys: "x", label: w.inbox.reject, group: w.inbox.scopes.approvals!, run: () => setAsk("reject"), palette: true },
          ...(edit ? [{ keys: "i", label: w.inbox.editDraft, group: w.inbox.scopes.approvals!, run: () => setEditing(open), palette: true }] : []),
          { keys: "w", label: w.inbox.redraft, group: w.inbox.scopes.approvals!, run: () => setAsk("redraft"), palette: true },
        ]
      : []),
  ]);
  const message = useQuery({ ...messageOptions(org, open ?? ""), enabled: !!open });
  const batch = rows.filter((m) => !m.unsupported).map(idOf).slice(0, 500);
  const leftOut = rows.filter((m) => m.unsupported);
  const risk = rows.filter((m) => m.slot_lost_at).sort((a, b) => a.slot_lost_at!.localeCompare(b.slot_lost_at!))[0];
  return (
    <>
      <InboxList
        label={w.inbox.scopes.approvals!}
        rows={rows}
        idOf={idOf}
        open={open}
        onOpen={to}
        held={held}
        onHeld={show}
        loading={list.isPending}
        more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
        header={
          rows.length > 0 && (
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b px-4 py-2">
              <span className="flex-1 text-text-2">{w.inbox.waiting(list.data?.pages[0]?.total ?? rows.length)}</span>
              {may && batch.length > 0 && (
                <Button size="small" onClick={() => setAsk("all")}>
                  {leftOut.length ? w.inbox.approvePassed(batch.length) : w.inbox.approveAll(batch.length)}
                </Button>
              )}
              {risk && (
                <p className="basis-full text-meta text-text-3">
                  {w.inbox.nextSlot} <Time at={risk.slot_lost_at!} absolute />
                </p>
              )}
            </div>
          )
        }
        row={(m) => <DraftRow message={m} />}
        empty={list.error ? <ProblemNote error={list.error} onRetry={() => void list.refetch()} /> : <Empty title={w.inbox.emptyTitle.approvals!} needs={w.inbox.emptyNeeds.approvals} action={<Button onClick={() => go("/inbox/answer")}>{w.inbox.scopes.answer}</Button>} />}
      />
      {open && (
        <section id="thread" tabIndex={-1} aria-label={w.inbox.scopes.approvals} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2 sm:px-5">
            <IconButton size="small" label={w.inbox.back} onClick={() => go("/inbox/approvals", search as Record<string, string>)} className="sm:hidden">
              <ArrowLeft size={16} aria-hidden />
            </IconButton>
            {editing === open && <span className="font-medium">{w.inbox.editing}</span>}
            {may && editing !== open && message.data?.state === "drafted" && (
              <>
                <Button look="primary" size="small" title="a" busy={approve.isPending} why={message.data.unsupported ? w.inbox.unsupportedNo : undefined} onClick={() => approve.mutate([open])}>
                  {w.inbox.approve}
                </Button>
                <Button size="small" title="x" onClick={() => setAsk("reject")}>
                  {w.inbox.reject}
                </Button>
                {edit && (
                  <Button size="small" title="i" onClick={() => setEditing(open)}>
                    {w.inbox.editDraft}
                  </Button>
                )}
                <Button size="small" title="w" busy={redraft.isPending} onClick={() => setAsk("redraft")}>
                  {w.inbox.redraft}
                </Button>
              </>
            )}
          </div>
          {message.error ? <ProblemNote error={message.error} onRetry={() => void message.refetch()} /> : message.data ? <DraftView message={message.data} editing={edit && editing === open && message.data.state === "drafted"} onEdited={() => setEditing(undefined)} /> : <SkeletonRows rows={6} />}
        </section>
      )}
      {ask === "redraft" && open && <Suspense><RedraftDialog busy={redraft.isPending} model={message.data?.writer === "llm"} onRedraft={(instruction) => redraft.mutate({ id: open, instruction })} onClose={() => setAsk(undefined)} /></Suspense>}
      <Modal
        open={ask === "all"}
        onClose={() => setAsk(undefined)}
        title={w.inbox.approveAllTitle(batch.length)}
        about={w.inbox.approveAllAbout}
        footer={
          <>
            <Button onClick={() => setAsk(undefined)}>{w.inbox.cancel}</Button>
            <Button look="primary" busy={approve.isPending} onClick={() => approve.mutate(batch)}>
              {w.inbox.approveNext(batch.length)}
            </Button>
          </>
        }
      >
        {leftOut.length > 0 && <LeftOut drafts={leftOut} />}
      </Modal>
      {ask === "reject" && open && <Suspense><RejectDialog busy={reject.isPending} onReject={(r) => reject.mutate({ ...r, id: open })} onClose={() => setAsk(undefined)} /></Suspense>}
    </>
  );
}

/** Whose drafts aren't approved with the others, and why. */
function LeftOut({ drafts }: { drafts: Message[] }) {
  return (
    <div className="text-table">
      <p className="text-text-2">{w.inbox.leftOut(drafts.length)}</p>
      <ul className="mt-2 max-h-48 overflow-auto border-t">
        {drafts.map((m) => (
          <li key={m.id} className="flex gap-2 border-b py-1">
            <span className="min-w-0 flex-1 truncate">{m.lead_name || m.lead_email || w.leads.one}</span>
            <span className="shrink-0 text-text-3">{w.inbox.unsupported(m.unsupported ?? 0)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A draft in the list, with whom it goes to. */
export function DraftRow({ message: m, at }: { message: Message; at?: string }) {
  const { org } = useSession();
  const lead = useQuery({ ...leadOptions(org, m.lead_id), enabled: useMay("leads:read") });
  const campaign = useCampaigns().find((c) => c.id === m.campaign_id);
  return (
    <>
      <span className="flex items-baseline gap-2">
        <span className="truncate font-medium">{personName(lead.data) || w.leads.one}</span>
        <span className="min-w-0 flex-1 truncate text-table text-text-3">{lead.data?.company_name}</span>
        <span className="shrink-0 text-meta text-text-3">
          <Time at={at ?? m.created_at} />
        </span>
      </span>
      <span className="flex items-center gap-2 overflow-hidden">
        <Chip>{w.leads.step(m.step, m.steps)}</Chip>
        {!!m.unsupported && <Chip tone="bad">{w.inbox.unsupported(m.unsupported)}</Chip>}
        <span className="truncate text-meta text-text-3">{campaign?.name}</span>
      </span>
    </>
  );
}
