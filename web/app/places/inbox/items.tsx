import { lazy, Suspense, useEffect, useRef, useState } from "react";
import type { Schemas } from "@/api/client";
import { useMailboxes } from "@/app/names";
import { zone as ourZone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { cx } from "@/ui/cx";
import { loadPart } from "@/ui/load-part";
import { PlainText } from "@/ui/plain-text";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { causeOf, effectsOf } from "@/words/en/cause";
import { htmlView as htmlWords } from "@/words/en/html-view";
import { formatDay } from "@/words/format";
import { Classify } from "./classify";
import { Judged, Referral } from "./judged";
import { NoteItem } from "./note-item";
import { byTime, type Note } from "./notes";
import type { Item, Thread } from "./queries";

const HtmlView = lazy(() => loadPart(() => import("./html-view")));
const ReplyDoubt = lazy(() => loadPart(() => import("./reply-doubt")));

/** Their words in full, ours folded but the newest; below each answer what it was taken for, and what that did. Notes of members stand between. */
export function Items({ thread, notes, timeline, zone, may }: { thread: Thread; notes: Note[]; timeline: Schemas["TimelineEntry"][]; zone?: string; may: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const last = box.current?.querySelector('li[data-in="true"]:last-of-type, li:last-of-type');
    last?.scrollIntoView({ block: "nearest" });
  }, [thread.id, thread.items.length, notes.length]);
  const lastOut = thread.items.findLastIndex((i) => i.direction === "out");
  const answered = thread.items.findLastIndex((i) => i.direction !== "out");
  return (
    <div ref={box} className="min-h-0 flex-1 overflow-auto px-4 py-3 sm:px-5">
      <ol className="flex max-w-[76ch] flex-col gap-4">
        {byTime(thread.items, notes).map((x) => {
          if ("note" in x)
            return (
              <li key={x.note.id}>
                <NoteItem note={x.note} may={may} />
              </li>
            );
          const { item: i, index: n } = x;
          return (
            <li key={i.id} data-in={i.direction !== "out"}>
              {i.direction === "out" ? <Ours item={i} open={n === lastOut && n > answered} zone={zone} /> : <Theirs item={i} thread={thread} newest={n === answered} may={may} timeline={timeline} zone={zone} />}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function Theirs({ item: i, thread, newest, may, timeline, zone }: { item: Item; thread: Thread; newest: boolean; may: boolean; timeline: Schemas["TimelineEntry"][]; zone?: string }) {
  const name = thread.lead_name ?? thread.lead_email ?? "";
  const effects = effectsOf(i, timeline);
  const person = i.class === "reply";
  const [laidOut, setLaidOut] = useState(false);
  return (
    <article className="flex flex-col gap-1.5">
      <header className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold">{person ? name : w.inbox.class[i.class ?? "reply"]}</span>
        {i.from && person && <span className="min-w-0 truncate text-table text-text-3">{i.from}</span>}
        <span className="ml-auto text-meta text-text-3">
          <Time at={i.received_at} theirs={zone} />
        </span>
      </header>
      {i.subject && <p className="text-table break-words text-text-3">{i.subject}</p>}
      {laidOut ? (
        <Suspense>
          <HtmlView item={i.id} from={name} />
        </Suspense>
      ) : i.body === undefined && i.text === undefined ? i.class !== "bounce" && i.class !== "complaint" && <p className="text-text-3">{w.inbox.gone}</p> : (i.text ?? i.body ?? "").trim() ? <PlainText text={i.text ?? i.body ?? ""} className={cx(!person && "text-text-2")} /> : <p className="text-text-3">{w.inbox.noText}</p>}
      {!laidOut && <Quoted text={i.quoted} />}
      {i.html_url && (
        <Button size="small" look="quiet" className="-ml-2 self-start" aria-pressed={laidOut} onClick={() => setLaidOut(!laidOut)}>
          {laidOut ? htmlWords.hide : htmlWords.show}
        </Button>
      )}
      <div className="flex flex-col gap-1 border-l-2 border-accent pl-3 text-table text-text-2">
        <p>
          <span className="font-medium">{causeOf(i, (d) => formatDay(d, ourZone()))}</span>
          {i.confidence === "low" && (
            <>
              {" "}
              <Chip uncertain>{w.inbox.uncertain}</Chip>
            </>
          )}
          {". "}
          {effects.join(" ")}
        </p>
        {person && <Judged item={i} />}
        {(person || i.class === "automatic") && may && <Classify item={i} thread={thread} keys={newest} />}
        {i.referral?.email && <Referral item={i} thread={thread} may={may} />}
      </div>
    </article>
  );
}

function Ours({ item: i, open, zone }: { item: Item; open: boolean; zone?: string }) {
  const mailbox = useMailboxes().find((m) => m.id === i.mailbox_id);
  const reply = i.reply;
  const state = reply?.state ?? i.state;
  return (
    <details open={open || reply?.state === "in_doubt"} className="group border-l-2 border-line pl-3">
      <summary className="flex min-h-7 list-none flex-wrap items-baseline gap-x-2 rounded-control text-text-2 hover:text-text-1 [&::-webkit-details-marker]:hidden">
        <span className="font-medium">{i.step ? w.inbox.step(i.step) : w.inbox.you}</span>
        <span className="min-w-0 truncate text-table text-text-3">{mailbox?.address}</span>
        {state && state !== "sent" && <Chip tone={state === "failed" || state === "in_doubt" ? "bad" : "plain"}>{(reply ? w.inbox.replyState[state] : w.leads.messageState[state]) ?? state}</Chip>}
        <span className="min-w-0 flex-1 truncate text-table text-text-3 group-open:invisible">{(i.text ?? i.body ?? "").replace(/\s+/g, " ").slice(0, 120)}</span>
        <span className="text-meta text-text-3">
          <Time at={i.received_at} theirs={zone} />
        </span>
      </summary>
      {i.subject && <p className="text-table break-words text-text-3">{i.subject}</p>}
      {i.body === undefined && i.text === undefined ? <p className="text-text-3">{w.inbox.gone}</p> : <PlainText text={i.text ?? i.body ?? ""} className="mt-1 text-text-2" />}
      <Quoted text={i.quoted} />
      {reply?.state === "in_doubt" && (
        <Suspense>
          <ReplyDoubt id={reply.id} />
        </Suspense>
      )}
    </details>
  );
}

function Quoted({ text }: { text?: string }) {
  if (!text?.trim()) return null;
  return (
    <details>
      <summary className="min-h-6 w-fit rounded-control text-table text-text-3 hover:text-text-1">{w.inbox.quoted}</summary>
      <PlainText text={text} className="border-l pl-3 text-table text-text-3" />
    </details>
  );
}
