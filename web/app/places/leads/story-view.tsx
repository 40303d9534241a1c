import { useQuery } from "@tanstack/react-query";
import { CornerDownLeft, Mail } from "lucide-react";
import { useState } from "react";
import { useMailboxes } from "@/app/names";
import { PlaceLink } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Chip } from "@/ui/chip";
import { PlainText } from "@/ui/plain-text";
import { ProblemNote, Skeleton } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { leadAnswersOptions, leadMessagesOptions, leadTimelineOptions, messageOptions, type Lead } from "./queries";
import { Said } from "./said";
import { evidence } from "@/words/en/evidence";
import { byMessage, tell, wordsOf, type Item } from "./story";
import type { Schemas } from "@/api/client";

/** What happened between this person and us. */
export function Story({ lead, everything }: { lead: Lead; everything: boolean }) {
  const { org } = useSession();
  const at = useAt();
  const mayRead = useMay("messages:read");
  const timeline = useQuery(leadTimelineOptions(org, lead.id));
  const messages = useQuery({ ...leadMessagesOptions(org, lead.id), enabled: mayRead });
  const answers = useQuery({ ...leadAnswersOptions(org, lead.id), enabled: mayRead });
  if (timeline.error) return <ProblemNote error={timeline.error} onRetry={() => void timeline.refetch()} />;
  if (!timeline.data)
    return (
      <div className="flex flex-col gap-3 py-3">
        {[0, 1, 2, 3].map((i) => (
          <Skeleton key={i} className="w-full max-w-md" />
        ))}
      </div>
    );
  const entries = at ? timeline.data.filter((e) => e.time <= new Date(at).toISOString()) : timeline.data;
  if (entries.length === 0) return <p className="py-3 text-text-2">{w.leads.storyEmpty}</p>;
  if (everything)
    return (
      <ol className="flex flex-col">
        {[...entries].reverse().map((e) => (
          <EventLine key={e.oseq} entry={e} />
        ))}
      </ol>
    );
  const known = byMessage(messages.data ?? []);
  return (
    <ol className="flex flex-col">
      {tell(entries)
        .reverse()
        .map((i) => (
          <li key={i.id}>
            <One item={i} message={"message" in i ? known.get(i.message) : undefined} words={i.kind === "answer" ? wordsOf(i, answers.data ?? []) : undefined} zone={lead.time_zone} />
          </li>
        ))}
    </ol>
  );
}

type Words = Schemas["InboxItem"] & { thread: string };

function One({ item, message, words, zone }: { item: Item; message?: Schemas["Message"]; words?: Words; zone?: string }) {
  switch (item.kind) {
    case "idle":
      return <p className="my-1 flex items-center gap-3 text-meta text-text-3 before:h-px before:w-6 before:bg-line after:h-px after:flex-1 after:bg-line">{w.leads.idle(item.days)}</p>;
    case "technical":
      return (
        <details>
          <summary className="min-h-6 rounded-control py-0.5 text-meta text-text-3 hover:text-text-1">{w.leads.technical(item.entries.length)}</summary>
          <ol className="pl-3">
            {[...item.entries].reverse().map((e) => (
              <EventLine key={e.oseq} entry={e} />
            ))}
          </ol>
        </details>
      );
    case "event":
      return <EventLine entry={item.entry} as="div" />;
    case "message":
      return <MessageBlock item={item} message={message} zone={zone} />;
    case "answer":
      return <AnswerBlock item={item} words={words} zone={zone} />;
  }
}

function EventLine({ entry, as: As = "li" }: { entry: Schemas["TimelineEntry"]; as?: "li" | "div" }) {
  return (
    <As className="flex items-baseline gap-3 py-1">
      <span className="min-w-0 flex-1 text-text-2">{entry.text}</span>
      <span className="text-meta text-text-3">
        <Time at={entry.time} />
      </span>
    </As>
  );
}

function MessageBlock({ item, message, zone }: { item: Item & { kind: "message" }; message?: Schemas["Message"]; zone?: string }) {
  const { org } = useSession();
  const mailbox = useMailboxes().find((m) => m.id === message?.mailbox_id);
  const [open, setOpen] = useState(false);
  const full = useQuery({ ...messageOptions(org, item.message), enabled: open });
  const step = message?.step ?? (typeof item.entry.data?.step === "number" ? item.entry.data.step : 0);
  const facts = message
    ? [
        message.opens ? w.leads.opensPeople(message.opens) : message.state === "sent" ? w.leads.noOpens : "",
        message.clicks ? w.leads.clicksPeople(message.clicks) : "",
        message.machine_opened_at ? w.leads.openedMachine : "",
        message.scanner_clicked_at ? w.leads.clickedMachine : "",
      ].filter(Boolean)
    : [];
  return (
    <div className="my-1.5 border-l-2 border-control py-1 pl-3">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <Mail size={14} aria-hidden className="translate-y-0.5 self-start text-text-3" />
        <span className="font-medium">{w.leads.step(step, message?.steps)}</span>
        {message && message.state !== "sent" && <Chip tone={message.state === "failed" || message.state === "in_doubt" ? "bad" : "plain"}>{w.leads.messageState[message.state] ?? message.state}</Chip>}
        {mailbox?.address && <span className="min-w-0 truncate text-table text-text-2">{w.leads.from(mailbox.address)}</span>}
        <span className="ml-auto text-meta text-text-3">
          <Time at={message?.sent_at ?? item.at} theirs={zone} />
        </span>
      </div>
      {message && facts.length > 0 && <p className="text-table text-text-3">{facts.join(" · ")}</p>}
      {message && (
        <details onToggle={(e) => setOpen(e.currentTarget.open)}>
          <summary className="min-h-6 w-fit rounded-control text-table text-accent-text">{w.leads.showText}</summary>
          {full.error ? (
            <ProblemNote error={full.error} />
          ) : !full.data ? (
            open && <Skeleton className="mt-1 w-64 max-w-full" />
          ) : full.data.body === undefined ? (
            <p className="text-text-2">{w.leads.textGone}</p>
          ) : (
            <div className="mt-1 flex flex-col gap-1">
              <p className="font-medium break-words">{full.data.subject}</p>
              <PlainText text={full.data.body} />
            </div>
          )}
        </details>
      )}
      {message && message.writer && message.writer !== "template" && <Carried message={message} />}
    </div>
  );
}

// Sentence by sentence, to the fact and from there to the page: asked for only when somebody looks.
function Carried({ message }: { message: Schemas["Message"] }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary className="min-h-6 w-fit rounded-control text-table text-accent-text">{evidence.shown}</summary>
      {open && <Said message={message} />}
    </details>
  );
}

function AnswerBlock({ item, words, zone }: { item: Item & { kind: "answer" }; words?: Words; zone?: string }) {
  return (
    <div className="my-1.5 border-l-2 border-good bg-good-soft/40 py-1.5 pr-3 pl-3">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <CornerDownLeft size={14} aria-hidden className="translate-y-0.5 self-start text-good" />
        <span className="font-medium">{item.automatic ? w.leads.automatic : w.leads.answer}</span>
        {words?.meaning && <Chip uncertain={words.confidence === "low"}>{w.inbox.meaning[words.meaning] ?? words.meaning}</Chip>}
        <span className="ml-auto text-meta text-text-3">
          <Time at={item.at} theirs={zone} />
        </span>
      </div>
      {words?.body !== undefined && <PlainText text={words.text ?? words.body} className="mt-1" />}
      {words && (
        <PlaceLink to={`/inbox/all/${words.thread}`}>
          <span className="text-table">{w.leads.openThread}</span>
        </PlaceLink>
      )}
    </div>
  );
}
