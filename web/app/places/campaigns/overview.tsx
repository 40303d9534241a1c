import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode } from "react";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { Funnel } from "@/app/places/analytics/funnel";
import { dayIn } from "@/app/places/analytics/model";
import { useToday } from "@/app/places/analytics/today";
import { useMay, useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { cx } from "@/ui/cx";
import { loadPart } from "@/ui/load-part";
import { SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { Breakdown } from "./breakdown";
import { countOptions, approvalsOptions, draftsOptions, type Campaign } from "./queries";
import { states } from "./search";

const OverTime = lazy(() => loadPart(() => import("./over-time")));

/** How far a campaign's people have come, what became of its messages, and where it stands now. */
export default function Overview({ campaign }: { campaign: Campaign }) {
  const may = useMay("analytics:read");
  const today = useToday();
  return (
    <div className="grid gap-x-8 gap-y-8 px-4 py-5 sm:px-6 xl:grid-cols-[minmax(0,1fr)_15rem]">
      {may && (
        <div className="flex min-w-0 flex-col gap-8">
          <Funnel search={{ where: { campaign: [campaign.id] } }} from={dayIn(new Date(campaign.created_at), zone())} to={today} />
          {campaign.launched_at && (
            <Suspense fallback={<SkeletonRows rows={6} />}>
              <OverTime campaign={campaign} />
            </Suspense>
          )}
          <Breakdown campaign={campaign} />
        </div>
      )}
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
