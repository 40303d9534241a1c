import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import { Section } from "@/app/page";
import { linkTo, PlaceLink } from "@/app/place-link";
import { StatusChip } from "@/app/places/campaigns/parts";
import { campaignOptions } from "@/app/places/campaigns/queries";
import { MailboxState } from "@/app/places/mailboxes/parts";
import { mailboxOptions } from "@/app/places/mailboxes/queries";
import { useCampaigns, useMailboxes } from "@/app/names";
import { useMay, useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { groupEvents, pathOfGroup } from "./feed";
import { beforeOptions } from "./queries";

const most = 20; // campaigns and mailboxes; each is folded from the history

/** Today as of an instant: how campaigns and mailboxes stood, and what had happened by then. */
export function PastToday({ at }: { at: string }) {
  const [campaigns, boxes, log] = [useMay("campaigns:read"), useMay("mailboxes:read"), useMay("audit:read")];
  return (
    <div className="grid gap-x-10 gap-y-8 px-4 pb-10 sm:px-6 xl:grid-cols-[minmax(0,1fr)_minmax(18rem,1fr)]">
      <div className="flex min-w-0 flex-col gap-8">
        <p className="max-w-[72ch] text-text-2">{w.today.pastNone}</p>
        {campaigns && <Campaigns at={at} />}
        {boxes && <Mailboxes at={at} />}
      </div>
      {log && <Before at={at} />}
    </div>
  );
}

function Campaigns({ at }: { at: string }) {
  const { org } = useSession();
  const there = useCampaigns().filter((c) => c.created_at <= at).slice(0, most);
  const then = useQueries({ queries: there.map((c) => ({ ...campaignOptions(org, c.id, at), retry: false, staleTime: Infinity })) });
  return (
    <Section title={w.shell.campaigns}>
      {there.length === 0 && <p className="py-3 text-text-2">{w.today.pastNobody}</p>}
      <ul>
        {there.map((c, i) => (
          <Line key={c.id} path={`/campaigns/${c.id}/overview`} at={at} name={then[i]?.data?.name ?? c.name} loading={!!then[i]?.isPending}>
            {then[i]?.data && <StatusChip campaign={then[i].data} />}
          </Line>
        ))}
      </ul>
    </Section>
  );
}

function Mailboxes({ at }: { at: string }) {
  const { org } = useSession();
  const there = useMailboxes().filter((m) => m.created_at <= at).slice(0, most);
  const then = useQueries({ queries: there.map((m) => ({ ...mailboxOptions(org, m.id, at), retry: false, staleTime: Infinity })) });
  return (
    <Section title={w.shell.mailboxes}>
      {there.length === 0 && <p className="py-3 text-text-2">{w.today.pastNobody}</p>}
      <ul>
        {there.map((m, i) => (
          <Line key={m.id} path={`/mailboxes/${m.id}`} at={at} name={m.address ?? m.id} loading={!!then[i]?.isPending}>
            {then[i]?.data && <MailboxState box={then[i].data} />}
          </Line>
        ))}
      </ul>
    </Section>
  );
}

function Line({ path, at, name, loading, children }: { path: string; at: string; name: string; loading: boolean; children: React.ReactNode }) {
  return (
    <li aria-busy={loading} className="flex min-h-9 items-center justify-between gap-4 border-b">
      <PlaceLink to={path} search={{ at }} className="min-w-0 truncate hover:underline">
        {name}
      </PlaceLink>
      {children}
    </li>
  );
}

function Before({ at }: { at: string }) {
  const { org, slug } = useSession();
  const log = useQuery(beforeOptions(org, at));
  const groups = useMemo(() => groupEvents(log.data?.data ?? [], new Date(at), 20), [log.data, at]);
  return (
    <Section title={w.today.pastFeed} actions={<PlaceLink to="/history" search={{ to: at }}>{w.today.history}</PlaceLink>}>
      {log.isError ? (
        <ProblemNote error={log.error} onRetry={() => void log.refetch()} />
      ) : !log.data ? (
        <SkeletonRows rows={6} />
      ) : groups.length === 0 ? (
        <p className="py-3 text-text-2">{w.today.pastNobody}</p>
      ) : (
        <ol className="py-1">
          {groups.map((g) => (
            <li key={`${g.type} ${g.first.oseq}`}>
              <Link {...linkTo(slug, pathOfGroup(g))} className="-mx-2 flex min-h-8 items-center gap-3 rounded-control px-2 text-table hover:bg-surface-1">
                <span className="min-w-0 flex-1 truncate">{g.kind.say(g.count)}</span>
                <time dateTime={g.to} className="text-meta whitespace-nowrap text-text-3">
                  {formatAbsolute(new Date(g.to), zone())}
                </time>
              </Link>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
