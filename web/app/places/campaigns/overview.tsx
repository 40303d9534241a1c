import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, Suspense, type ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { loadPart } from "@/ui/load-part";
import { Rate } from "@/ui/rate";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { Funnel } from "./funnel";
import { countOptions, approvalsOptions, draftsOptions, mailboxNamesOptions, reportOptions, type Campaign } from "./queries";
import { states, type CampaignSearch } from "./search";

const OverTime = lazy(() => loadPart(() => import("./over-time")));

type Report = Schemas["CampaignReport"];
type Figures = Schemas["Figures"];

export default function Overview({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const may = useMay("analytics:read");
  const report = useQuery({ ...reportOptions(org, campaign.id), enabled: may });
  return (
    <div className="grid gap-x-8 gap-y-8 px-4 py-5 sm:px-6 xl:grid-cols-[minmax(0,1fr)_15rem]">
      <div className="flex min-w-0 flex-col gap-8">
        {may && report.isError && <ProblemNote error={report.error} onRetry={() => void report.refetch()} />}
        {may && report.isPending && <SkeletonRows rows={6} />}
        {report.data && (
          <>
            <Section title={w.campaigns.funnel}>
              <Funnel campaign={campaign} report={report.data} />
              <p className="mt-2 text-meta text-text-3">
                {w.campaigns.funnelAbout} {report.data.settling > 0 && w.campaigns.settling(report.data.settling)}
              </p>
            </Section>
            {campaign.launched_at && (
              <Suspense fallback={<SkeletonRows rows={6} />}>
                <OverTime campaign={campaign} />
              </Suspense>
            )}
            <Breakdown campaign={campaign} report={report.data} />
          </>
        )}
      </div>
      <Now campaign={campaign} />
    </div>
  );
}

/** How many people are where, and by what it is sent. */
function Now({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const drafts = useQuery({ ...draftsOptions(org, campaign.id), enabled: useMay("messages:read") && campaign.approval !== "none" });
  const approvals = useQuery({ ...approvalsOptions(org, campaign.id), enabled: useMay("messages:read") && campaign.approval !== "none" });
  return (
    <Section title={w.campaigns.now}>
      <dl className="flex flex-col">
        {states.map((s) => (
          <StateLine key={s} campaign={campaign} state={s} />
        ))}
        {!!drafts.data && (
          <Line label={w.campaigns.columns.approvals}>
            <Go path={`/campaigns/${campaign.id}/messages`} search={{ message: "drafted" }} className="font-medium text-warn">
              {formatCount(drafts.data)}
            </Go>
          </Line>
        )}
        {!!approvals.data?.approved && (
          <Line label={w.campaigns.edited}>{w.campaigns.editedOf(approvals.data)}</Line>
        )}
        {!!drafts.data && approvals.data?.next_slot_lost_at && (
          <Line label={w.campaigns.nextSlotLost}>
            <Time at={approvals.data.next_slot_lost_at} absolute />
          </Line>
        )}
        <Line label={w.campaigns.sequence}>
          <Go path={`/campaigns/${campaign.id}/steps`}>{w.campaigns.copyAbout(campaign.steps.length).replace(/,.*/, "")}</Go>
        </Line>
        <Line label={w.campaigns.writtenBy}>
          <Go path={`/campaigns/${campaign.id}/schedule`}>{campaign.mailbox_ids.length ? w.campaigns.mailboxes(campaign.mailbox_ids.length) : w.campaigns.noMailbox}</Go>
        </Line>
        {campaign.start_date && <Line label={w.campaigns.firstDay}>{campaign.start_date}</Line>}
        {campaign.end_date && <Line label={w.campaigns.lastDay}>{campaign.end_date}</Line>}
        {campaign.launched_at && (
          <Line label={w.campaigns.launched}>
            <Time at={campaign.launched_at} />
          </Line>
        )}
      </dl>
    </Section>
  );
}

function StateLine({ campaign, state }: { campaign: Campaign; state: (typeof states)[number] }) {
  const { org } = useSession();
  const n = useQuery(countOptions(org, campaign.id, state));
  return (
    <Line label={w.campaigns.states[state]!}>
      {n.data === undefined ? (
        "…"
      ) : (
        <Go path={`/campaigns/${campaign.id}/people`} search={{ state }} className={cx(n.data === 0 && "text-text-3")}>
          {formatCount(n.data)}
        </Go>
      )}
    </Line>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4 border-b text-table">
      <dt className="text-text-2">{label}</dt>
      <dd className="text-right">{children}</dd>
    </div>
  );
}

const ways = ["step", "variant", "mailbox"] as const;

function Breakdown({ campaign, report }: { campaign: Campaign; report: Report }) {
  const { org } = useSession();
  const { by = "step" } = useSearch({ strict: false }) as CampaignSearch;
  const change = useChangeSearch();
  const boxes = useQuery({ ...mailboxNamesOptions(org), enabled: by === "mailbox" && useMay("mailboxes:read") });
  const names = { step: w.campaigns.byStep, variant: w.campaigns.byVariant, mailbox: w.campaigns.byMailbox };
  const rows: { key: string; name: ReactNode; figures: Figures }[] =
    by === "mailbox"
      ? (report.mailboxes ?? []).map((m) => ({ key: m.mailbox_id, name: <Go path={`/mailboxes/${m.mailbox_id}`}>{boxes.data?.find((b) => b.id === m.mailbox_id)?.address ?? m.mailbox_id.slice(0, 8)}</Go>, figures: m }))
      : by === "variant"
        ? report.variants.map((v) => ({ key: v.variant_id + v.step, name: <StepLink campaign={campaign} step={v.step_id} variant={v.variant_id} label={`${w.campaigns.stepN(v.step)}, ${w.campaigns.variant(variantName(campaign, v.variant_id))}`} />, figures: v }))
        : report.steps.map((s) => ({ key: s.step_id + s.step, name: <StepLink campaign={campaign} step={s.step_id} label={w.campaigns.stepN(s.step)} />, figures: s }));
  const choose = (to: (typeof ways)[number]) => change({ by: to === "step" ? undefined : to }, true);
  return (
    <Section
      title={names[by]}
      actions={
        <div role="group" aria-label={w.campaigns.by} className="flex gap-1">
          {ways.map((x) => (
            <button key={x} type="button" aria-pressed={x === by} onClick={() => choose(x)} className="min-h-7 rounded-control px-2 text-table text-text-2 hover:bg-surface-2 aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
              {names[x]}
            </button>
          ))}
        </div>
      }
    >
      {rows.length === 0 ? <Empty title={w.campaigns.noNumbers} /> : <FiguresTable rows={rows} total={report} label={names[by]} campaign={campaign} />}
    </Section>
  );
}

export const variantName = (c: Campaign, id: string) => c.steps.flatMap((s) => s.variants).find((v) => v.variant_id === id)?.name || "A";

function StepLink({ campaign, step, variant, label }: { campaign: Campaign; step: string; variant?: string; label: string }) {
  return (
    <Go path={`/campaigns/${campaign.id}/steps`} search={{ step, variant }}>
      {label}
    </Go>
  );
}

const num = "px-1.5 py-2 text-right whitespace-nowrap";

function FiguresTable({ rows, total, label, campaign }: { rows: { key: string; name: ReactNode; figures: Figures }[]; total: Figures; label: string; campaign: Campaign }) {
  const c = w.campaigns;
  const line = (f: Figures, link?: boolean) => (
    <>
      <td className={num}>{link ? <Go path={`/campaigns/${campaign.id}/messages`} search={{ message: "sent" }}>{formatCount(f.emails_sent)}</Go> : formatCount(f.emails_sent)}</td>
      <td className={num}>
        <Rate value={f.reply_rate} short />
      </td>
      <td className={num}>{formatCount(f.meeting_rate.count)}</td>
      <td className={num}>
        <Rate value={f.open_rate} short />
      </td>
      <td className={cx(num, "text-text-3")}>{formatCount(f.machine_opens.count)}</td>
      <td className={num}>{formatCount(f.auto_reply_rate.count)}</td>
      <td className={cx(num, f.bounce_rate.count > 0 && "text-text-1")}>
        <Rate value={f.bounce_rate} short />
      </td>
      <td className={num}>{formatCount(f.unsubscribe_rate.count)}</td>
    </>
  );
  return (
    <div className="overflow-x-auto" tabIndex={0} role="group" aria-label={label}>
      <table className="w-full min-w-max text-table">
        <thead>
          <tr className="border-b text-left text-text-2">
            <th className="py-2 pr-2 font-medium">{label.replace(/^By (.)/, (_, l: string) => l.toUpperCase())}</th>
            {[c.sent, c.replies, c.meetings, c.opensPeople, c.opensMachines, c.autoReplies, c.bounced, c.unsubscribes].map((h) => (
              <th key={h} className="px-1.5 py-2 text-right font-medium">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.key} className="border-b">
              <th scope="row" className="py-2 pr-2 text-left font-normal whitespace-nowrap">
                {r.name}
              </th>
              {line(r.figures)}
            </tr>
          ))}
          {rows.length > 1 && (
            <tr className="border-b font-medium">
              <th scope="row" className="py-2 pr-2 text-left font-medium">
                {w.campaigns.total}
              </th>
              {line(total, true)}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
