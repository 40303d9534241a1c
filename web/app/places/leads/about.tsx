import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { zone } from "@/app/zone";
import { whyOptions } from "@/app/why";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatAbsolute, formatTime } from "@/words/format";
import { cityOf } from "@/words/en/why";
import { useNow } from "@/app/clock";
import { newestEnrollment, stateSentence } from "@/words/en/lead-state";
import { FactsSection } from "./facts";
import { leadEnrollmentsOptions, type Lead } from "./queries";
import { ResearchSection } from "./research";
import { ScoreSection } from "./score";
import { TagList } from "./tags";

/** Where the person stands, in a sentence. */
export function StateLine({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const at = useAt();
  const mayWhy = useMay("campaigns:read");
  const enrollments = useQuery(leadEnrollmentsOptions(org, lead.id));
  const e = newestEnrollment(enrollments.data ?? []);
  const why = useQuery({ ...whyOptions(org, { enrollment: e?.id ?? "" }, at), enabled: mayWhy && e?.state === "active" });
  if (!enrollments.data && !lead.erased_at) return <p className="skeleton h-5 w-96 max-w-full" aria-hidden />;
  return <p className="max-w-[72ch] text-section text-text-1">{stateSentence(lead, enrollments.data ?? [], why.data, (t, z) => formatAbsolute(new Date(t), z || zone()))}</p>;
}

const contact = ["email", "phone", "linkedin_url", "website", "company_name", "job_title", "city", "country", "time_zone"] as const;

/** What is known of the person, and from where. */
export function About({ lead }: { lead: Lead }) {
  const past = !!useAt();
  const rows: [string, ReactNode][] = [
    ...contact.flatMap((f): [string, ReactNode][] => (lead[f] ? [[w.leads.column[f]!, <Value key={f} field={f} value={lead[f]} />]] : [])),
    ...Object.entries(lead.custom).map(([k, v]): [string, ReactNode] => [w.leads.custom(k), v]),
  ];
  const origin: [string, ReactNode][] = [
    [w.leads.column.source!, lead.import_id ? <PlaceLink to={`/imports/${lead.import_id}`}>{w.leads.source[lead.source] ?? lead.source}</PlaceLink> : (w.leads.source[lead.source] ?? lead.source)],
    ...(lead.lawful_basis ? [[w.leads.column.lawful_basis!, lead.lawful_basis] as [string, ReactNode]] : []),
    ...(lead.crm_id ? [[w.leads.column.crm_id!, lead.crm_id] as [string, ReactNode]] : []),
    [w.leads.column.created_at!, <Time key="c" at={lead.created_at} />],
    [w.leads.column.updated_at!, <Time key="u" at={lead.updated_at} />],
    ...(lead.contacted_at ? [[w.leads.column.contacted_at!, <Time key="k" at={lead.contacted_at} />] as [string, ReactNode]] : []),
  ];
  return (
    <div className="flex min-w-0 flex-col gap-6">
      {!lead.erased_at && (
        <>
          {!past && <ScoreSection lead={lead} />}
          <Section title={w.leads.tags}>
            <TagList lead={lead} />
          </Section>
          <Section title={w.leads.facts}>
            <Facts rows={rows} />
          </Section>
          <FactsSection lead={lead} />
          <ResearchSection lead={lead} />
        </>
      )}
      <Section title={w.leads.about_}>
        <Facts rows={origin} />
      </Section>
    </div>
  );
}

function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1 pt-2 text-table">
      {rows.map(([k, v]) => (
        <div key={k} className="contents">
          <dt className="text-text-3">{k}</dt>
          <dd className="break-words">{v}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the clock says where they are: whoever wants to call needs to know. */
function LocalTime({ zone: theirs }: { zone: string }) {
  const now = useNow();
  return <span title={theirs}>{w.leads.localTime(cityOf(theirs), formatTime(now, theirs))}</span>;
}

// Only what is a web address becomes a link; it leaves without telling from where.
function Value({ field, value }: { field: string; value?: string }) {
  if ((field === "website" || field === "linkedin_url") && value && /^https?:\/\//i.test(value))
    return (
      <a href={value} target="_blank" rel="noreferrer noopener" className="text-accent-text hover:underline">
        {value.replace(/^https?:\/\/(www\.)?/i, "")}
      </a>
    );
  if (field === "time_zone" && value) return <LocalTime zone={value} />;
  return <>{value}</>;
}
