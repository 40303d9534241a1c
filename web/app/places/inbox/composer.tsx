import { useQuery } from "@tanstack/react-query";
import { forwardRef, lazy, Suspense, useImperativeHandle, useRef, useState, type ForwardedRef } from "react";
import { CalendarClock, TextQuote } from "lucide-react";
import { useParams } from "@tanstack/react-router";
import { useMailboxes } from "@/app/names";
import { useGoTo } from "@/app/place-link";
import { preferencesOptions } from "@/app/preferences";
import { serverNow } from "@/app/clock";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { showKeys } from "@/keys/registry";
import { Button } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { Menu } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { snippets as snippetWords } from "@/words/en/snippets";
import type { Thread } from "./queries";
import { sendReply, takeBack } from "./replies";
import { fillSnippet, snippetsOptions } from "./snippets";
import { useSuggest } from "./suggest";
import type { ThreadActions } from "./thread-actions";

const AnswerDraft = lazy(() => loadPart(() => import("./answer-draft")));

const keyOf = (org: string, thread: string) => `outrider.reply.${org}.${thread}`;

/** The answer, as plain text. What is typed stays on this computer until the server has it. */
export const Composer = forwardRef(function Composer({ thread: t, suppressed, actions, onSent }: { thread: Thread; suppressed?: boolean; actions: ThreadActions; onSent: () => void }, ref: ForwardedRef<HTMLTextAreaElement>) {
  const { org } = useSession();
  const may = useMay("messages:send");
  const go = useGoTo();
  const scope = (useParams({ strict: false }) as { scope?: string }).scope ?? "answer";
  const key = keyOf(org, t.id);
  const [text, setText] = useState(localStorage.getItem(key) ?? "");
  const mailbox = useMailboxes().find((m) => m.id === t.mailbox_id);
  const own = useQuery({ ...preferencesOptions(), retry: false }).data?.reply_undo_seconds;
  const usual = useQuery({ ...organizationOptions(org), enabled: useMay("organization:read") }).data?.reply_undo_seconds;
  const undo = own ?? usual;
  const who = t.lead_name ?? t.lead_email ?? "";
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => area.current!);
  const saved = useQuery({ ...snippetsOptions(org), enabled: may && !suppressed }).data ?? [];
  const [missing, setMissing] = useState<string[]>([]);
  const type = (v: string) => {
    setText(v);
    setMissing((was) => was.filter((name) => v.includes(`[${name}]`)));
    if (v) localStorage.setItem(key, v);
    else localStorage.removeItem(key);
  };
  const fill = useWrite({
    run: (a: { id: string; before: string; after: string }) => fillSnippet(a.id, t.id),
    done: (a, filled) => {
      type(a.before + filled.text + a.after);
      setMissing(filled.missing);
      const end = (a.before + filled.text).length;
      requestAnimationFrame(() => area.current?.setSelectionRange(end, end));
    },
  });
  const snippet = useSuggest({
    mark: "/",
    label: snippetWords.pick,
    options: saved.map((s) => ({ id: s.id, label: s.name })),
    text,
    area,
    onPick: (o, before, after) => fill.mutate({ id: o.id, before, after }),
  });
  const back = useWrite({
    run: (a: { id: string; text: string }, header) => takeBack(a.id, header),
    stale: () => [[org, "inbox"]],
    done: (_, __) => toast.say(w.inbox.takenBack),
  });
  const send = useWrite({
    run: (said: string, header) => sendReply(t.id, { text: said, undo_seconds: own }, header),
    stale: () => [[org, "inbox"]],
    done: (said, made) => {
      localStorage.removeItem(key);
      setText("");
      actions.go(t.id);
      onSent();
      const id = made.id;
      const takeItBack = () => {
        localStorage.setItem(key, said);
        actions.come(t.id);
        go(`/inbox/${scope}/${t.id}`);
        back.mutate({ id, text: said });
      };
      const ms = "undo_until" in made ? Date.parse(made.undo_until) - serverNow().getTime() : 0;
      toast.say(w.inbox.sent(who), ms > 0 ? takeItBack : undefined, Math.max(5000, Math.min(60_000, ms)));
    },
  });
  if (!may) return null;
  if (suppressed) return <p className="text-warn">{w.inbox.suppressedNoReply}</p>;
  const last = t.items.findLast((i) => i.direction !== "out");
  const offers = t.booking_url && !text.includes(t.booking_url) && (last?.meaning === "meeting_request" || last?.meaning === "interested");
  const submit = () => text.trim() && !send.isPending && send.mutate(text);
  return (
    <>
    {last && !text && (
      <Suspense>
        <AnswerDraft thread={t.id} item={last.id} onUse={type} />
      </Suspense>
    )}
    <form
      className="flex flex-col gap-2"
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
    >
      {snippet.list}
      <label className="sr-only" htmlFor={"reply-" + t.id}>
        {w.inbox.replyLabel(who)}
      </label>
      <textarea
        id={"reply-" + t.id}
        ref={area}
        value={text}
        maxLength={10_000}
        rows={Math.min(12, Math.max(3, text.split("\n").length + 1))}
        placeholder={w.inbox.replyLabel(who)}
        {...snippet.aria}
        onChange={(e) => {
          type(e.target.value);
          snippet.look(e);
        }}
        onBlur={snippet.close}
        onKeyDown={(e) => {
          if (snippet.onKey(e)) return;
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
            e.preventDefault();
            e.stopPropagation();
            submit();
          } else if (e.key === "Escape") e.currentTarget.blur();
        }}
        className="w-full max-w-[76ch] resize-y rounded-control border border-control bg-surface-0 px-2.5 py-2"
      />
      <p role="status" className="max-w-[76ch] text-table text-warn empty:hidden">
        {missing.length > 0 && snippetWords.missing(missing.join(", "))}
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button type="submit" look="primary" size="small" busy={send.isPending} why={text.trim() ? undefined : w.inbox.sendNo}>
          {w.inbox.send(who)}
        </Button>
        {offers && (
          <Button size="small" look="quiet" icon={<CalendarClock size={14} aria-hidden />} onClick={() => type((text ? text.trimEnd() + "\n\n" : "") + t.booking_url + "\n")}>
            {w.inbox.bookingLink}
          </Button>
        )}
        <Menu
          align="start"
          trigger={
            <Button size="small" look="quiet" icon={<TextQuote size={14} aria-hidden />} title={snippetWords.hint} busy={fill.isPending}>
              {snippetWords.insert}
            </Button>
          }
          entries={[
            ...saved.map((s) => ({ label: s.name, onSelect: () => fill.mutate({ id: s.id, before: text && !/\s$/.test(text) ? text + "\n" : text, after: "" }) })),
            ...(saved.length > 0 ? ["line" as const] : []),
            { label: snippetWords.manage, onSelect: () => go("/settings/snippets") },
          ]}
        />
        <kbd className="text-meta text-text-3 max-sm:hidden">{showKeys("mod+enter")}</kbd>
        <span className="min-w-0 text-meta text-text-3">{mailbox?.address ? w.inbox.replyFrom(mailbox.address) : ""} {undo !== undefined && w.inbox.replyUndo(undo)}</span>
      </div>
    </form>
    </>
  );
});
