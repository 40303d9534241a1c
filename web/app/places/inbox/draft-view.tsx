import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { personName, useMailboxes } from "@/app/names";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { leadOptions } from "@/app/places/leads/queries";
import { useMay, useSession } from "@/app/session";
import { WhyOf } from "@/app/why";
import { loadPart } from "@/ui/load-part";
import { PlainText } from "@/ui/plain-text";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { EvidenceSection } from "./evidence";
import type { Message } from "./queries";

const DraftEditor = lazy(async () => ({ default: (await loadPart(() => import("./draft-editor"))).DraftEditor }));

/** A message as it would leave, with what it was written with and what it waits for. */
export function DraftView({ message: m, editing, onEdited }: { message: Message; editing?: boolean; onEdited?: () => void }) {
  const { org } = useSession();
  const lead = useQuery({ ...leadOptions(org, m.lead_id), enabled: useMay("leads:read") });
  const mailbox = useMailboxes().find((x) => x.id === m.mailbox_id);
  const value = (name: string) => {
    const l = lead.data as unknown as Record<string, unknown> | undefined;
    const v = name.startsWith("custom.") ? lead.data?.custom[name.slice(7)] : l?.[name];
    return typeof v === "string" ? v : undefined;
  };
  const facts = (m.variables ?? []).map((v) => [v, value(v)] as const).filter(([, v]) => v);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-5 overflow-auto px-4 py-4 sm:px-5">
      <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-table">
        <dt className="text-text-3">{w.inbox.to}</dt>
        <dd>
          <PlaceLink to={`/leads/${m.lead_id}`}>{personName(lead.data) || w.leads.one}</PlaceLink> <span className="break-all text-text-3">{lead.data?.email}</span>
        </dd>
        <dt className="text-text-3">{w.inbox.from}</dt>
        <dd className="break-all">{mailbox?.address}</dd>
        <dt className="text-text-3">{w.inbox.subject}</dt>
        <dd className="font-medium break-words">{m.subject}</dd>
        <dt className="text-text-3">{w.inbox.couldLeave}</dt>
        <dd>
          <Time at={m.earliest} absolute theirs={lead.data?.time_zone} />
        </dd>
        {m.slot_lost_at && (
          <>
            <dt className="text-text-3">{w.inbox.slotLost}</dt>
            <dd>
              <Time at={m.slot_lost_at} absolute theirs={lead.data?.time_zone} /> <span className="text-text-3">{w.inbox.slotLostAbout}</span>
            </dd>
          </>
        )}
      </dl>
      {m.missing && m.missing.length > 0 && <p className="text-bad">{w.inbox.missing(m.missing.join(", "))}</p>}
      {m.rejected_reason && <p className="border-l-2 border-warn pl-3 break-words text-text-2">{w.inbox.rejectedBefore(m.rejected_reason)}</p>}
      {editing ? (
        <Suspense key={m.id}>
          <DraftEditor message={m} onDone={() => onEdited?.()} />
        </Suspense>
      ) : (
        <div>
          <p className="mb-1 text-meta text-text-3">{w.inbox.draftOf(m.draft, m.writer)}</p>
          {m.body === undefined ? <p className="text-text-3">{w.inbox.gone}</p> : <PlainText text={m.body} />}
        </div>
      )}
      {!editing && <EvidenceSection message={m} />}
      {facts.length > 0 && (
        <Section title={w.inbox.facts}>
          <dl className="grid grid-cols-[9rem_minmax(0,1fr)] gap-x-3 gap-y-1 pt-2 text-table">
            {facts.map(([k, v]) => (
              <div key={k} className="contents">
                <dt className="text-text-3">{w.leads.column[k] ?? k.replace(/^custom\./, "").replaceAll("_", " ")}</dt>
                <dd className="break-words">{v}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      <Section title={w.why.title}>
        <div className="pt-2">
          <WhyOf of={{ message: m.id }} />
        </div>
      </Section>
    </div>
  );
}
