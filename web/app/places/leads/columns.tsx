import type { Column } from "@/ui/table";
import { personName } from "@/app/names";
import { Chip, type Tone } from "@/ui/chip";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { scores } from "@/words/en/scores";
import type { Lead } from "./queries";

const tones: Record<string, Tone> = { replied: "good", meeting_booked: "good", contacted: "accent" };

export function StatusChip({ lead }: { lead: Lead }) {
  if (lead.erased_at) return <Chip>{w.leads.erased}</Chip>;
  return (
    <span className="inline-flex items-center gap-1.5">
      <Chip tone={tones[lead.outreach_status] ?? "plain"}>{w.leads.status[lead.outreach_status] ?? lead.outreach_status}</Chip>
      {lead.suppressed && (
        <Chip tone="warn" title={w.leads.suppressedTitle(lead.suppressed_reason ?? "")}>
          {w.leads.suppressed}
        </Chip>
      )}
    </span>
  );
}

const qualificationTones: Record<string, Tone> = { qualified: "good", needs_review: "warn" };

export function QualificationChip({ is }: { is?: Lead["qualification"] }) {
  return is ? <Chip tone={qualificationTones[is] ?? "plain"}>{scores.qualification[is]}</Chip> : null;
}

const label = (id: string) => w.leads.column[id] ?? scores.columns[id] ?? id;
const number = (id: "lead_score" | "intent_score"): Column<Lead> => ({ id, label: label(id), width: "minmax(4.5rem,0.4fr)", sort: id, cell: (l) => <span className="tabular-nums">{l[id] ?? ""}</span> });
const plain = (id: string, width: string, sort?: string): Column<Lead> => ({ id, label: label(id), width, sort, cell: (l) => (l as unknown as Record<string, string | undefined>)[id] ?? "" });
const time = (id: "created_at" | "updated_at" | "contacted_at" | "replied_at", sort?: string): Column<Lead> => ({ id, label: label(id), width: "minmax(7rem,0.7fr)", sort, cell: (l) => <Time at={l[id]} theirs={l.time_zone} /> });

const known: Column<Lead>[] = [
  { id: "name", label: label("name"), width: "minmax(10rem,1.4fr)", sort: "last_name", cell: (l) => (l.first_name || l.last_name ? <span className="font-medium">{personName(l)}</span> : <span className="text-text-3">{l.email ?? w.leads.erased}</span>) },
  plain("company_name", "minmax(9rem,1.2fr)", "company_name"),
  plain("job_title", "minmax(8rem,1fr)"),
  plain("email", "minmax(11rem,1.6fr)", "email"),
  { id: "outreach_status", label: label("outreach_status"), width: "minmax(11rem,1fr)", sort: "outreach_status", cell: (l) => <StatusChip lead={l} /> },
  number("lead_score"),
  number("intent_score"),
  { id: "qualification", label: label("qualification"), width: "minmax(7rem,0.6fr)", cell: (l) => <QualificationChip is={l.qualification} /> },
  {
    id: "tags",
    label: label("tags"),
    width: "minmax(6.5rem,0.9fr)",
    cell: (l) => (
      <span className="flex gap-1 overflow-hidden">
        {l.tags.map((t) => (
          <Chip key={t}>{t}</Chip>
        ))}
      </span>
    ),
  },
  time("contacted_at"),
  time("replied_at"),
  plain("country", "minmax(7rem,0.7fr)"),
  plain("city", "minmax(7rem,0.7fr)"),
  plain("phone", "minmax(9rem,0.8fr)"),
  plain("website", "minmax(9rem,1fr)"),
  plain("linkedin_url", "minmax(9rem,1fr)"),
  plain("time_zone", "minmax(9rem,0.8fr)"),
  { id: "source", label: label("source"), width: "minmax(6rem,0.6fr)", cell: (l) => w.leads.source[l.source] ?? l.source },
  plain("lawful_basis", "minmax(8rem,0.8fr)"),
  plain("crm_id", "minmax(8rem,0.8fr)"),
  time("created_at", "created_at"),
  time("updated_at", "updated_at"),
];

export const defaultColumns = ["name", "company_name", "job_title", "email", "outreach_status", "lead_score", "tags", "contacted_at", "created_at"];

/** The columns that can be chosen: those of every lead, the fields of your own that are seen in the rows, and those that are wanted though no row has them. */
export function allColumns(rows: Lead[], wanted: string[]): Column<Lead>[] {
  const own = new Set(wanted.flatMap((id) => (id.startsWith("custom.") ? [id.slice(7)] : [])));
  for (const r of rows.slice(0, 400)) for (const k of Object.keys(r.custom)) own.add(k);
  return [...known, ...[...own].sort().map((k): Column<Lead> => ({ id: "custom." + k, label: w.leads.custom(k), width: "minmax(8rem,1fr)", sort: "custom." + k, cell: (l) => l.custom[k] ?? "" }))];
}
