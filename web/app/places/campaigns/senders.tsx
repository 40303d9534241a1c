import { useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { mailboxTone } from "@/app/places/mailboxes/tones";
import { match } from "./actions";
import { mailboxNamesOptions, type Campaign } from "./queries";

/** Which mailboxes write to new people; each press saves. */
export function Senders({ campaign, may }: { campaign: Campaign; may: boolean }) {
  const { org } = useSession();
  const reads = useMay("mailboxes:read");
  const boxes = useQuery({ ...mailboxNamesOptions(org), enabled: reads });
  const assign = useWrite({
    run: (ids: string[], header) => must(api.PUT("/v1/campaigns/{id}/mailboxes", { params: { path: { id: campaign.id }, header: { ...header, ...match(campaign.version) } }, body: { mailbox_ids: ids } })),
    stale: () => [
      [org, "campaigns"],
      [org, "plan"],
    ],
  });
  if (!reads) return null;
  const chosen = new Set(assign.isPending ? assign.variables : campaign.mailbox_ids);
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    assign.mutate([...next]);
  };
  const all = boxes.data ?? [];
  return (
    <Section
      title={w.campaigns.senders}
      actions={
        may && all.length > 1 && chosen.size < all.length ? (
          <button type="button" className="min-h-7 rounded-control px-2 text-table text-accent-text hover:bg-surface-2" onClick={() => assign.mutate(all.map((b) => b.id))}>
            {w.campaigns.useAll(all.length)}
          </button>
        ) : undefined
      }
    >
      <p className="py-2 text-text-2">{w.campaigns.sendersAbout}</p>
      {boxes.isPending && <SkeletonRows rows={3} />}
      {boxes.isError && <ProblemNote error={boxes.error} onRetry={() => void boxes.refetch()} />}
      {boxes.data?.length === 0 && <Empty title={w.campaigns.noMailboxes} action={<Go path="/mailboxes/connect" className="font-medium text-accent-text">{w.mailboxes.connect}</Go>} />}
      <ul className="flex flex-col">
        {all.map((b) => (
          <li key={b.id} className="flex min-h-9 items-center gap-3 border-b">
            <input id={`sender-${b.id}`} type="checkbox" className="size-4 shrink-0 accent-(--accent)" disabled={!may || assign.isPending} checked={chosen.has(b.id)} onChange={() => toggle(b.id)} />
            <label htmlFor={`sender-${b.id}`} className="min-w-0 flex-1 truncate py-1.5">
              {b.address ?? b.id} {b.display_name && <span className="text-text-3">{b.display_name}</span>}
            </label>
            <Chip tone={mailboxTone(b.status)}>{w.mailboxes.statuses[b.status]}</Chip>
          </li>
        ))}
      </ul>
    </Section>
  );
}
