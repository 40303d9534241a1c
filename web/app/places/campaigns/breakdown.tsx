import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { keyInWords } from "@/app/places/analytics/labels";
import { dayIn, type Metric, type Row } from "@/app/places/analytics/model";
import { FigureCell } from "@/app/places/analytics/number";
import { figuresOptions } from "@/app/places/analytics/queries";
import { useToday } from "@/app/places/analytics/today";
import { domainsOptions } from "@/app/places/mailboxes/domain-queries";
import { useMay, useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { cx } from "@/ui/cx";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { mailboxNamesOptions, type Campaign } from "./queries";
import { breakdowns, type CampaignSearch } from "./search";

const c = w.campaigns;
const columns: [Metric, string][] = [
  ["sent", c.sent],
  ["replied", c.replies],
  ["meeting", c.meetings],
  ["opened", c.opensPeople],
  ["machine_opened", c.opensMachines],
  ["auto_replied", c.autoReplies],
  ["bounced", c.bounced],
  ["unsubscribed", c.unsubscribes],
];
const names = { step: c.byStep, variant: c.byVariant, mailbox: c.byMailbox, sending_domain: c.byDomain };
const heads = { step: w.analytics.dimensions.step, variant: w.analytics.dimensions.variant, mailbox: w.analytics.dimensions.mailbox, sending_domain: w.analytics.dimensions.sending_domain };

/** What became of a campaign's messages by step, variant, mailbox or sending domain; every number opens what it counts. */
export function Breakdown({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const { by = "step" } = useSearch({ strict: false }) as CampaignSearch;
  const change = useChangeSearch();
  const seesMailboxes = useMay("mailboxes:read");
  const domains = useQuery({ ...domainsOptions(org), enabled: by === "sending_domain" && seesMailboxes });
  const boxes = useQuery({ ...mailboxNamesOptions(org), enabled: by === "mailbox" && seesMailboxes });
  const today = useToday();
  const from = campaign.launched_at ? dayIn(new Date(campaign.launched_at), zone()) : today;
  const asked = useQuery({ ...figuresOptions(org, { metrics: columns.map(([m]) => m), by: [by], period: { from, to: today }, filter: { campaign: [campaign.id] }, unit: "message" }), enabled: !!campaign.launched_at });
  const ready = asked.data?.rows.every((r) => r.keys[0]?.dimension === by); // what is kept from before is of another breakdown
  const rows = ready ? inOrder(campaign, by, asked.data!.rows) : [];
  return (
    <Section
      title={names[by]}
      actions={
        <div role="group" aria-label={c.by} className="flex flex-wrap gap-1">
          {breakdowns.filter((x) => x !== "mailbox" || seesMailboxes).map((x) => (
            <button key={x} type="button" aria-pressed={x === by} onClick={() => change({ by: x === "step" ? undefined : x }, true)} className="min-h-7 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
              {names[x]}
            </button>
          ))}
        </div>
      }
    >
      {asked.error ? (
        <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />
      ) : campaign.launched_at && !ready ? (
        <SkeletonRows rows={3} />
      ) : rows.length === 0 ? (
        <Empty title={c.noNumbers} />
      ) : (
        <>
          <FiguresTable head={heads[by]!} label={names[by]} rows={rows.map((r) => ({ row: r, ...named(campaign, by, r, boxes.data, domains.data) }))} total={asked.data!.total} />
          {asked.data!.settles_at && asked.data!.total.figures[0]!.settling > 0 && <p className="mt-2 text-meta text-text-3">{w.analytics.settling(asked.data!.total.figures[0]!.settling, formatAbsolute(new Date(asked.data!.settles_at), zone()))}</p>}
        </>
      )}
    </Section>
  );
}

/** Where a row's own place is, and what it is called. */
function named(campaign: Campaign, by: (typeof breakdowns)[number], r: Row, boxes?: { id: string; address?: string | null }[], domains?: { id: string; domain: string }[]): { text: string; name: ReactNode } {
  const k = r.keys[0]!;
  const label = keyInWords(k.dimension, k.value, k.label);
  const link = (text: string, path: string, search?: Record<string, unknown>) => ({ text, name: <Go path={path} search={search}>{text}</Go> });
  if (by === "mailbox") return link(boxes?.find((b) => b.id === k.value)?.address ?? label, `/mailboxes/${k.value}`);
  if (by === "sending_domain") {
    const known = domains?.find((d) => d.domain === k.value);
    return known ? link(label, `/mailboxes/domains/${known.id}`) : { text: label, name: label };
  }
  const at = campaign.steps.findIndex((t) => t.step_id === k.value || t.variants.some((v) => v.variant_id === k.value));
  const step = campaign.steps[at];
  if (!step) return { text: label, name: label }; // of an older version
  const stepName = c.stepN(at + 1);
  if (by === "step") return link(stepName, `/campaigns/${campaign.id}/steps`, { step: step.step_id });
  const v = step.variants.findIndex((x) => x.variant_id === k.value);
  return link(`${stepName}, ${c.variant(step.variants[v]!.name || String.fromCharCode(65 + v))}`, `/campaigns/${campaign.id}/steps`, { step: step.step_id, variant: k.value });
}

/** Steps and variants stand as in the sequence, the others by how much they sent. */
function inOrder(campaign: Campaign, by: (typeof breakdowns)[number], rows: Row[]): Row[] {
  const sequence = campaign.steps.flatMap((t) => [t.step_id, ...t.variants.map((v) => v.variant_id)]);
  const place = (r: Row) => (sequence.indexOf(r.keys[0]!.value) + 1 || sequence.length + 1);
  return [...rows].sort((a, b) => (by === "step" || by === "variant" ? place(a) - place(b) : b.figures[0]!.count - a.figures[0]!.count));
}

const num = "px-1.5 py-2 text-right whitespace-nowrap";

function FiguresTable({ head, label, rows, total }: { head: string; label: string; rows: { row: Row; text: string; name: ReactNode }[]; total: Row }) {
  const cells = (r: Row, of: string) =>
    columns.map(([m, name], i) => (
      <td key={m} className={cx(num, m === "machine_opened" && "text-text-3")}>
        <FigureCell figure={r.figures[i]!} label={`${name}, ${of}`} />
      </td>
    ));
  return (
    <ScrollRegion label={label}>
      <table className="w-full min-w-max text-table">
        <thead>
          <tr className="border-b text-left text-text-2">
            <th scope="col" className="py-2 pr-2 font-medium">
              {head}
            </th>
            {columns.map(([m, name]) => (
              <th key={m} scope="col" className="px-1.5 py-2 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, text, name }) => (
            <tr key={row.keys[0]!.value} className="border-b">
              <th scope="row" className="max-w-64 truncate py-2 pr-2 text-left font-normal">
                {name}
              </th>
              {cells(row, text)}
            </tr>
          ))}
          {rows.length > 1 && (
            <tr className="border-b font-medium">
              <th scope="row" className="py-2 pr-2 text-left font-medium">
                {c.total}
              </th>
              {cells(total, c.total)}
            </tr>
          )}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
