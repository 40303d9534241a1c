import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, PanelRightClose, PanelRightOpen } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { PlaceLink } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { leadOptions, leadTimelineOptions } from "@/app/places/leads/queries";
import { useShortcuts } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { notes as words } from "@/words/en/notes";
import { Items } from "./items";
import { notesOptions } from "./notes";
import { threadOptions, type Entry } from "./queries";
import { ThreadBar } from "./thread-bar";
import type { ThreadActions } from "./thread-actions";
import { ThreadChip } from "./threads";
import { Writing } from "./writing";

const Context = lazy(async () => ({ default: (await loadPart(() => import("./context"))).Context }));

const foldKey = "outrider.inbox-context";

/** A conversation: what they wrote and what we wrote, what was made of it, and the answer. */
export function ThreadPane({ id, entry, may, actions, onLeave, onBack }: { id: string; entry?: Entry; may: boolean; actions: ThreadActions; onLeave: () => void; onBack: () => void }) {
  const { org } = useSession();
  const thread = useQuery(threadOptions(org, id));
  const t = thread.data;
  const notes = useQuery(notesOptions(org, id));
  const mayLeads = useMay("leads:read");
  const lead = useQuery({ ...leadOptions(org, t?.lead_id ?? ""), enabled: !!t && mayLeads });
  const timeline = useQuery({ ...leadTimelineOptions(org, t?.lead_id ?? ""), enabled: !!t && mayLeads });
  const [context, setContext] = useState(localStorage.getItem(foldKey) ? localStorage.getItem(foldKey) === "1" : window.innerWidth >= 1600);
  const fold = () => {
    localStorage.setItem(foldKey, context ? "0" : "1");
    setContext(!context);
  };
  const composer = useRef<HTMLTextAreaElement>(null);
  // r before the conversation stands counts as soon as it does.
  const wants = useRef(false);
  const [mode, setMode] = useState<"answer" | "note">("answer");
  useEffect(() => setMode("answer"), [id]);
  const write = (to: "answer" | "note") => {
    wants.current = to !== mode || !composer.current;
    if (to !== mode) setMode(to);
    else composer.current?.focus();
  };
  const reply = () => write("answer");
  useShortcuts(
    may
      ? [
          { keys: "r", label: w.inbox.reply, group: w.inbox.thread, run: reply, palette: true },
          { keys: "m", label: words.write, group: w.inbox.thread, run: () => write("note"), palette: true },
        ]
      : [],
  );
  useEffect(() => {
    if (!t || !wants.current || !composer.current) return;
    wants.current = false;
    composer.current.focus();
  }, [t, mode]);
  // Whoever looks at it has read it.
  useEffect(() => {
    if (!t?.unread || !may || document.hidden) return;
    const timer = setTimeout(() => actions.read(id, t), 1200);
    return () => clearTimeout(timer);
  }, [t?.unread, may]);
  const name = t?.lead_name ?? t?.lead_email ?? entry?.lead_name ?? "";
  return (
    <>
      <section id="thread" tabIndex={-1} aria-label={w.inbox.thread} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b px-4 py-2 sm:px-5">
          <IconButton size="small" label={w.inbox.back} onClick={onBack} className="sm:hidden">
            <ArrowLeft size={16} aria-hidden />
          </IconButton>
          <div className="min-w-0 flex-1 basis-48">
            <h2 className="flex flex-wrap items-center gap-2 text-section font-semibold">
              <span className="min-w-0 break-words">{t ? <PlaceLink to={`/leads/${t.lead_id}`} className="hover:underline">{name}</PlaceLink> : name}</span>
              {(t ?? entry) && <ThreadChip entry={(t ?? entry)!} />}
            </h2>
            <p className="truncate text-table text-text-3">{[t?.company_name, t?.campaign_name].filter(Boolean).join(" · ")}</p>
          </div>
          {t && <ThreadBar thread={t} may={may} actions={actions} onLeave={onLeave} onReply={reply} />}
          <IconButton size="small" label={context ? w.inbox.hideContext : w.inbox.showContext} aria-expanded={context} onClick={fold} className="max-lg:hidden">
            {context ? <PanelRightClose size={16} aria-hidden /> : <PanelRightOpen size={16} aria-hidden />}
          </IconButton>
        </header>
        {thread.error ? (
          <ProblemNote error={thread.error} onRetry={() => void thread.refetch()} />
        ) : !t ? (
          <SkeletonRows rows={5} />
        ) : (
          <>
            <Items thread={t} notes={notes.data ?? []} timeline={timeline.data ?? []} may={may} zone={lead.data?.time_zone} />
            {may && <Writing ref={composer} thread={t} mode={mode} onMode={write} suppressed={lead.data?.suppressed} actions={actions} onSent={onLeave} />}
          </>
        )}
      </section>
      {context && t && (
        <Suspense>
          <Context lead={lead.data} />
        </Suspense>
      )}
    </>
  );
}
