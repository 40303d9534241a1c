import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { Why } from "@/ui/why";
import { w } from "@/words";
import { doubt as words } from "@/words/en/doubt";
import { LeadName } from "./parts";
import { outcomeOf } from "./messages";

const messageOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "messages", "one", id], queryFn: () => must(api.GET("/v1/messages/{id}", { params: { path: { id } } })) });
const whyOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "messages", "why", id], queryFn: () => must(api.GET("/v1/messages/{id}/why", { params: { path: { id } } })) });

/** A message beside a list: its text, and what it waits for or how it ended. */
export function MessagePeek({ id }: { id: string }) {
  const { org } = useSession();
  const m = useQuery(messageOptions(org, id));
  const waits = m.data && !["sent", "failed", "cancelled"].includes(m.data.state);
  const why = useQuery({ ...whyOptions(org, id), enabled: !!waits });
  if (m.isPending) return <SkeletonRows rows={4} />;
  if (m.isError) return <ProblemNote error={m.error} onRetry={() => void m.refetch()} />;
  return (
    <div className="flex flex-col gap-5 p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-section font-semibold">
          <LeadName id={m.data.lead_id} />
        </span>
        <Chip>{w.campaigns.messageStates[m.data.state]}</Chip>
        <span className="text-table text-text-2">{w.campaigns.stepN(m.data.step)}</span>
        <span className="text-table text-text-2">{outcomeOf(m.data)}</span>
        <span className="ml-auto text-table text-text-2">
          <Time at={m.data.sent_at ?? m.data.scheduled_at ?? m.data.updated_at} absolute />
        </span>
      </div>
      {m.data.resolved_by && <p className="text-table text-text-2">{words.ended(m.data.resolved_by)}</p>}
      {m.data.subject !== undefined && (
        <div>
          <p className="font-medium break-words">{m.data.subject}</p>
          <p className="mt-2 max-w-[72ch] break-words whitespace-pre-wrap">{m.data.body}</p>
        </div>
      )}
      {waits && (
        <Section title={w.campaigns.whyTitle}>
          {why.isPending && <SkeletonRows rows={3} />}
          {why.isError && <ProblemNote error={why.error} onRetry={() => void why.refetch()} />}
          {why.data && <Why value={why.data} />}
        </Section>
      )}
    </div>
  );
}
