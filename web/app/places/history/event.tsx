import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Needs } from "@/app/may";
import { Page, Section } from "@/app/page";
import { useSession } from "@/app/session";
import { useShortcuts } from "@/keys/registry";
import { CopyText } from "@/ui/copy";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { TimeButton } from "@/ui/time";
import { w } from "@/words";
import { FieldChanges } from "./field-changes";
import { actorInWords, sentence, subjectOf, type Entry } from "./model";
import { eventOptions, traceOptions, type EventDetail } from "./queries";
import { pastKinds } from "./routes";
import { CauseTree } from "./tree";

const s = w.history;

export function EventPage() {
  const { event } = useParams({ strict: false }) as { event: string };
  const oseq = Number(event);
  const go = useNavigate();
  const { slug } = useSession();
  const to = (n: number) => n > 0 && void go({ to: `/o/${slug}/history/${n}` as "/" });
  useShortcuts([
    { keys: "[", label: w.shell.previous, group: s.eventLabel, run: () => to(oseq - 1) },
    { keys: "]", label: w.shell.next, group: s.eventLabel, run: () => to(oseq + 1) },
  ]);
  return (
    <Needs permission="audit:read" title={s.event(oseq)}>
      <Page title={s.event(oseq)}>
        <div className="max-w-4xl px-4 pb-12 sm:px-6">
          <EventBody key={event} id={event} page />
        </div>
      </Page>
    </Needs>
  );
}

/** What an event says, why it happened, and ways on; also in the panel beside the list. */
export default function EventBody({ id, page }: { id: string; page?: boolean }) {
  const { org } = useSession();
  const found = useQuery(eventOptions(org, Number(id)));
  if (found.error) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <SkeletonRows rows={6} />;
  return <Shown detail={found.data} page={page} />;
}

function Shown({ detail, page }: { detail: EventDetail; page?: boolean }) {
  const e: Entry = detail.event;
  const { org, slug } = useSession();
  const trace = useQuery(traceOptions(org, e.correlation_id));
  const about = subjectOf(e);
  const link = (path: string, text: ReactNode, search: Record<string, string> = {}) => (
    <Link to={`/o/${slug}${path}` as "/"} search={search as never} className="text-accent-text hover:underline">
      {text}
    </Link>
  );
  const hasPast = pastKinds.some((k) => k === about.kind);
  const sealed = Object.keys(e.withheld ?? {});
  return (
    <div className={page ? "flex flex-col gap-6" : "flex flex-col gap-6 p-4"}>
      <div>
        <p className="text-section font-semibold">{sentence(e)}</p>
        <div className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-table">
          {link("/history", s.objectHistory, { subject: e.subject })}
          {link("", s.atThen, { at: e.time })}
          {link("", s.before, { at: new Date(Date.parse(e.time) - 1).toISOString() })}
          {hasPast && link("/history/compare", s.compareSince, { kind: about.kind, subject: about.id, from: e.time })}
          {!page && link(`/history/${e.oseq}`, s.openPage)}
        </div>
      </div>
      <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-table">
        <dt className="text-text-3">{s.when}</dt>
        <dd>
          <TimeButton at={e.time} />
        </dd>
        <dt className="text-text-3">{s.by}</dt>
        <dd>{link("/history", actorInWords(e.actor), { actor: `${e.actor.kind}:${e.actor.id}` })}</dd>
        <dt className="text-text-3">{s.aboutWhat}</dt>
        <dd>{about.path ? link(about.path, about.title ?? `${s.kinds[about.kind] ?? about.kind} ${about.id.slice(0, 8)}`) : (about.title ?? about.id)}</dd>
        {e.ip && (
          <>
            <dt className="text-text-3">{s.ip}</dt>
            <dd>{e.ip}</dd>
          </>
        )}
        <dt className="text-text-3">{s.type}</dt>
        <dd className="mono break-all">{e.type}</dd>
        <dt className="text-text-3">{s.requestID}</dt>
        <dd className="min-w-0 overflow-hidden">
          <CopyText label="" text={e.correlation_id} />
        </dd>
      </dl>
      <Section title={s.says}>
        <Fields data={e.data} withheld={e.withheld} />
        {sealed.length > 0 && <p className="pt-2 text-table text-text-3">{s.sealedNote(sealed.length)}</p>}
        <details className="pt-2">
          <summary className="min-h-6 text-table text-text-2">{s.raw}</summary>
          <pre className="mono mt-2 max-h-96 overflow-auto rounded-control bg-surface-1 p-3 whitespace-pre-wrap">{JSON.stringify(e, null, 2)}</pre>
        </details>
      </Section>
      {(detail.changes?.length ?? 0) > 0 && (
        <Section title={s.changed}>
          <FieldChanges changes={detail.changes!} before={s.justBefore} after={s.after} />
        </Section>
      )}
      <Section title={s.why} actions={link(`/trace/${e.correlation_id}`, s.whyPage)}>
        {trace.error ? <ProblemNote error={trace.error} onRetry={() => void trace.refetch()} /> : !trace.data ? <SkeletonRows rows={3} /> : <CauseTree commands={trace.data.commands} current={e.oseq} />}
      </Section>
    </div>
  );
}

/** The fields of an event; what is sealed is named with what is missing to see it. */
function Fields({ data, withheld }: { data: Entry["data"]; withheld: Entry["withheld"] }) {
  const names = [...new Set([...Object.keys(data ?? {}), ...Object.keys(withheld ?? {})])].sort();
  return (
    <table className="w-full table-fixed text-left text-table">
      <colgroup>
        <col className="w-40 max-sm:w-28" />
        <col />
      </colgroup>
      <thead className="sr-only">
        <tr>
          <th>{s.field}</th>
          <th>{s.value}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((k) => (
          <tr key={k} className="border-b align-top last:border-b-0">
            <th scope="row" className="py-1.5 pr-4 font-normal break-words text-text-3">
              {k.replaceAll("_", " ")}
            </th>
            <td className="py-1.5 break-words whitespace-pre-wrap">
              {withheld?.[k] ? <span className="text-warn">{withheld[k] === "erased" ? s.erased : s.sealed(withheld[k])}</span> : showValue(data?.[k])}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function showValue(v: unknown): ReactNode {
  if (v === null || v === undefined || v === "") return <span className="text-text-3">–</span>;
  if (typeof v === "string") return v;
  if (typeof v === "number" || typeof v === "boolean") return String(v);
  return <code>{JSON.stringify(v)}</code>;
}
