import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { Go } from "@/app/go";
import { useMay, useSession } from "@/app/session";
import { Chip, type Tone } from "@/ui/chip";
import { Skeleton } from "@/ui/states";
import { w } from "@/words";
import { leadOptions, type Campaign } from "./queries";

const statusTones: Record<string, Tone> = { active: "good", idle: "plain", paused: "warn", completed: "plain", draft: "accent" };

export const reasonInWords = (reason?: string) => (reason ? (w.campaigns.reasons[reason] ?? reason.replaceAll("_", " ")) : "");

export const variantName = (c: Campaign, id: string) => c.steps.flatMap((s) => s.variants).find((v) => v.variant_id === id)?.name || "A";

/** A campaign's state with its reason. */
export function StatusChip({ campaign }: { campaign: Pick<Campaign, "status" | "pause_reason" | "completed_reason" | "missing" | "archived_at" | "launch_request"> }) {
  const c = w.campaigns;
  const reason = campaign.status === "paused" ? campaign.pause_reason : campaign.status === "completed" ? campaign.completed_reason : undefined;
  const lacks = campaign.missing?.length ?? 0;
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-2">
      <Chip tone={campaign.status === "paused" && reason && reason !== "manual" ? "bad" : (statusTones[campaign.status] ?? "plain")} title={c.statusAbout[campaign.status]}>
        {c.statuses[campaign.status]}
      </Chip>
      {reason && <span className="truncate text-table text-text-2">{reasonInWords(reason)}</span>}
      {campaign.archived_at && <Chip>{c.archived}</Chip>}
      {campaign.launch_request && <Chip tone="accent">{c.launchAsked}</Chip>}
      {lacks > 0 && <Chip tone="bad">{c.lacksNow(lacks)}</Chip>}
    </span>
  );
}

const stateTones: Record<string, Tone> = { active: "good", deferred: "plain", paused: "warn", stopped: "plain", completed: "accent" };

export function StateChip({ state }: { state: string }) {
  return <Chip tone={stateTones[state]}>{w.campaigns.states[state] ?? state}</Chip>;
}

export const nameOfLead = (l: Pick<Schemas["Lead"], "first_name" | "last_name" | "email" | "id">) => [l.first_name, l.last_name].filter(Boolean).join(" ") || l.email || l.id.slice(0, 8);

/** A person's name, or address, as a link to the person. */
export function LeadName({ id, company }: { id: string; company?: boolean }) {
  const { org } = useSession();
  const may = useMay("leads:read");
  const lead = useQuery({ ...leadOptions(org, id), enabled: may });
  if (!may) return <span className="mono text-text-3">{id.slice(0, 8)}</span>;
  if (lead.isPending) return <Skeleton className="w-28" />;
  if (!lead.data) return <span className="mono text-text-3">{id.slice(0, 8)}</span>;
  if (company) return <span className="text-text-2">{lead.data.company_name}</span>;
  return <Go path={`/leads/${id}`}>{nameOfLead(lead.data)}</Go>;
}
