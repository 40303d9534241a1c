import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { Go } from "@/app/go";
import { Rate, type RateValue } from "@/ui/rate";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import type { Campaign } from "./queries";

type Stage = { key: string; label: string; count: number; unit: string; rate?: RateValue; of?: string; to: { path: string; search?: Record<string, unknown> }; colour: string };

/** The stages of a campaign; what each counts, people or messages, is said beside it. */
export function stagesOf(campaign: Pick<Campaign, "id" | "enrolled">, report: Pick<Schemas["CampaignReport"], "steps" | "reply_rate" | "meeting_rate" | "emails_sent">): Stage[] {
  const c = w.campaigns;
  const at = `/campaigns/${campaign.id}`;
  const first = report.steps.filter((s) => s.step === 1).reduce((n, s) => n + s.emails_sent, 0);
  return [
    { key: "enrolled", label: c.stages.enrolled, count: campaign.enrolled, unit: c.stageUnits.people, to: { path: at + "/people" }, colour: "var(--control)" },
    { key: "written", label: c.stages.written, count: first, unit: c.stageUnits.people, to: { path: at + "/messages", search: { message: "sent" } }, colour: "var(--sent)" },
    { key: "replied", label: c.stages.replied, count: report.reply_rate.count, unit: c.stageUnits.messages, rate: report.reply_rate, of: c.ofThem[report.reply_rate.denominator], to: { path: "/inbox/all", search: { campaign: campaign.id } }, colour: "var(--good)" },
    { key: "meeting", label: c.stages.meeting, count: report.meeting_rate.count, unit: c.stageUnits.messages, rate: report.meeting_rate, of: c.ofThem[report.meeting_rate.denominator], to: { path: "/meetings", search: { campaign: campaign.id } }, colour: "var(--meeting)" },
  ];
}

export function Funnel({ campaign, report }: { campaign: Campaign; report: Schemas["CampaignReport"] }) {
  const stages = stagesOf(campaign, report);
  const most = Math.max(1, ...stages.map((s) => s.count));
  return (
    <ol className="flex flex-col">
      {stages.map((s) => (
        <Bar key={s.key} share={s.count / most} colour={s.colour} label={s.label}>
          <Go path={s.to.path} search={s.to.search} className="text-section font-semibold" label={`${s.label}: ${formatCount(s.count)}`}>
            {formatCount(s.count)}
          </Go>
          <span className="min-w-0 text-table text-text-2">{s.rate && s.count > 0 ? <Rate value={s.rate} denominator={s.of} /> : s.count > 0 && s.unit}</span>
        </Bar>
      ))}
    </ol>
  );
}

function Bar({ share, colour, label, children }: { share: number; colour: string; label: string; children: ReactNode }) {
  return (
    <li className="grid items-center gap-x-4 border-b py-2 sm:grid-cols-[8rem_minmax(0,1fr)_minmax(0,24.5rem)]">
      <span className="text-table text-text-2">{label}</span>
      <span aria-hidden className="h-3 overflow-hidden rounded-full bg-surface-2 max-sm:my-1">
        <span className="block h-full rounded-full" style={{ width: share > 0 ? `max(4px, ${share * 100}%)` : 0, background: colour }} />
      </span>
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">{children}</span>
    </li>
  );
}
