import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useEffect } from "react";
import { api, must } from "@/api/client";
import { messageOptions } from "@/app/places/leads/queries";
import { useGoTo } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useStableRows } from "@/app/stable-rows";
import { useShortcuts } from "@/keys/registry";
import { Button, IconButton } from "@/ui/button";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { doubt as words } from "@/words/en/doubt";
import { DraftRow } from "./approvals";
import { DraftView } from "./draft-view";
import { InboxList } from "./list";
import { waitingOptions, type Message } from "./queries";
import { nextAfter, type InboxSearch } from "./scopes";

const idOf = (m: Message) => m.id;

/** Messages of which nobody knows whether they left: what is known, and what follows from either answer. */
export function Doubt({ search, open }: { search: InboxSearch; open?: string }) {
  const { org } = useSession();
  const go = useGoTo();
  const at = useAt();
  const may = useMay("messages:approve") && !at;
  const list = useInfiniteQuery(waitingOptions(org, "doubt", search));
  const { rows, held, show } = useStableRows(list.data?.pages.flatMap((p) => p.data) ?? [], idOf, "doubt" + JSON.stringify(search));
  const ids = rows.map(idOf);
  const to = (id?: string) => go(`/inbox/doubt${id ? "/" + id : ""}`, search as Record<string, string>, !!open);
  useEffect(() => {
    if (!open && ids[0] && window.matchMedia("(min-width: 64rem)").matches) to(ids[0]);
  }, [open, ids[0]]);
  const resolve = useWrite({
    run: (a: { id: string; sent: boolean }, header) => must(api.POST("/v1/messages/{id}/resolve", { params: { path: { id: a.id }, header }, body: { sent: a.sent } })),
    stale: () => [[org, "messages"], [org, "enrollments"], [org, "leads"], [org, "today"]],
    done: (a) => {
      toast.say(a.sent ? w.inbox.resolvedLeft : w.inbox.resolvedNot);
      to(nextAfter(ids, a.id));
    },
  });
  const step = (by: number) => {
    const next = ids[Math.max(0, Math.min(ids.length - 1, (open ? ids.indexOf(open) : -1) + by))];
    if (next) to(next);
  };
  useShortcuts([
    { keys: "j", label: w.inbox.next, group: w.inbox.title, run: () => step(1) },
    { keys: "k", label: w.inbox.previous, group: w.inbox.title, run: () => step(-1) },
  ]);
  const message = useQuery({ ...messageOptions(org, open ?? ""), enabled: !!open });
  const m = message.data;
  return (
    <>
      <InboxList
        label={w.inbox.scopes.doubt!}
        rows={rows}
        idOf={idOf}
        open={open}
        onOpen={to}
        held={held}
        onHeld={show}
        loading={list.isPending}
        more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
        row={(x) => <DraftRow message={x} at={x.doubted_at} />}
        empty={list.error ? <ProblemNote error={list.error} onRetry={() => void list.refetch()} /> : <Empty title={w.inbox.emptyTitle.doubt!} needs={w.inbox.emptyNeeds.doubt} action={<Button onClick={() => go("/inbox/answer")}>{w.inbox.scopes.answer}</Button>} />}
      />
      {open && (
        <section id="thread" tabIndex={-1} aria-label={w.inbox.scopes.doubt} className="flex min-h-0 min-w-0 flex-1 flex-col overflow-auto outline-none">
          <IconButton size="small" label={w.inbox.back} onClick={() => go("/inbox/doubt", search as Record<string, string>)} className="m-2 sm:hidden">
            <ArrowLeft size={16} aria-hidden />
          </IconButton>
          {message.error ? (
            <ProblemNote error={message.error} onRetry={() => void message.refetch()} />
          ) : !m ? (
            <SkeletonRows rows={6} />
          ) : (
            <>
              <div className="flex flex-col gap-3 border-b px-4 py-4 sm:px-5">
                <p className="max-w-[72ch] text-text-2">{w.inbox.doubtAbout}</p>
                <dl className="grid grid-cols-[11rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-table">
                  <dt className="text-text-3">{w.inbox.doubtSince}</dt>
                  <dd>
                    <Time at={m.doubted_at} absolute />
                  </dd>
                  {m.smtp && (
                    <>
                      <dt className="text-text-3">{w.inbox.doubtServer}</dt>
                      <dd className="break-words">{[m.smtp.stage, m.smtp.code, m.smtp.enhanced, m.smtp.text].filter(Boolean).join(" ")}</dd>
                    </>
                  )}
                </dl>
                {m.state === "in_doubt" ? (
                  <div className="max-w-[72ch] text-table text-text-2">
                    <p className="font-medium">{words.looked}</p>
                    <ul className="list-disc pl-5">
                      {words.lookedFor.map((x) => (
                        <li key={x}>{x}</li>
                      ))}
                    </ul>
                    <p>{words.never}</p>
                  </div>
                ) : (
                  m.resolved_by && <p className="text-text-2">{words.ended(m.resolved_by)}</p>
                )}
                {may && m.state === "in_doubt" && (
                  <div className="grid max-w-2xl grid-cols-2 gap-4 max-sm:grid-cols-1">
                    {[true, false].map((sent) => (
                      <div key={String(sent)} className="flex flex-col items-start gap-1">
                        <Button busy={resolve.isPending} onClick={() => resolve.mutate({ id: m.id, sent })}>
                          {sent ? w.inbox.hasLeft : w.inbox.hasNot}
                        </Button>
                        <span className="text-table text-text-3">{sent ? w.inbox.hasLeftAbout : w.inbox.hasNotAbout}</span>
                      </div>
                    ))}
                  </div>
                )}
              </div>
              <DraftView message={m} />
            </>
          )}
        </section>
      )}
    </>
  );
}
