import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { serverNow } from "@/app/clock";
import { Needs } from "@/app/may";
import { Page, Section } from "@/app/page";
import { linkTo, PlaceLink, useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { pathOfList } from "@/app/places/today/places";
import { fromWallTime, wallTime, zone } from "@/app/zone";
import { TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatAbsolute, formatCount } from "@/words/format";
import { FieldChanges } from "./field-changes";
import { changesOptions } from "./queries";
import type { CompareSearch, PastKind } from "./routes";

const s = w.history;
const pages: Partial<Record<PastKind, string>> = { lead: "/leads/", campaign: "/campaigns/", mailbox: "/mailboxes/" };

/** What differs of one object between two instants, and what happened to it between them. */
export function ComparePage() {
  return (
    <Needs permission="audit:read" title={s.compare}>
      <Compare />
    </Needs>
  );
}

function Compare() {
  const { org, slug } = useSession();
  const { kind, subject, from, to } = useSearch({ strict: false }) as CompareSearch;
  const set = useChangeSearch();
  const asked = kind && subject && from ? { kind, subject, from } : undefined;
  const found = useQuery({ ...changesOptions(org, asked?.kind ?? "lead", asked?.subject ?? "", asked?.from ?? "", to), enabled: !!asked });
  const max = wallTime(serverNow());
  const label = (at: string | undefined) => (at ? formatAbsolute(new Date(at), zone()) : w.shell.now);
  return (
    <Page title={s.compare} about={asked && pages[asked.kind] ? <PlaceLink to={pages[asked.kind] + asked.subject}>{s.openObject(s.kinds[asked.kind]!)}</PlaceLink> : s.compareAbout}>
      <div className="flex max-w-4xl flex-col gap-8 px-4 pb-12 sm:px-6">
        {!asked ? (
          <p className="text-text-2">{s.compareHow}</p>
        ) : (
          <>
            <div className="flex flex-wrap items-start gap-4">
              <TextField label={s.from} type="datetime-local" max={max} value={from ? wallTime(from) : ""} onChange={(e) => e.target.value && set({ from: fromWallTime(e.target.value)?.toISOString() }, true)} />
              <TextField label={s.to} hint={to ? undefined : s.untilNow} type="datetime-local" max={max} value={to ? wallTime(to) : ""} onChange={(e) => set({ to: fromWallTime(e.target.value)?.toISOString() }, true)} />
            </div>
            {found.error ? (
              <ProblemNote error={found.error} onRetry={() => void found.refetch()} />
            ) : !found.data ? (
              <SkeletonRows rows={6} />
            ) : (
              <>
                <Section title={s.changed}>
                  <FieldChanges changes={found.data.changes} before={label(from)} after={label(to)} />
                </Section>
                <Section title={s.between}>
                  {found.data.events.length === 0 && <p className="py-2 text-text-2">{s.nothingBetween}</p>}
                  <ul>
                    {found.data.events.map((e) => (
                      <li key={e.type} className="flex min-h-9 items-center justify-between gap-3 border-b text-table">
                        <span>{w.events[e.type.replace(/\.v\d+$/, "")] ?? e.type}</span>
                        <Link {...linkTo(slug, pathOfList(e.list).replace("/audit/events", "/history"))} className="text-accent-text hover:underline">
                          {formatCount(e.count)}
                        </Link>
                      </li>
                    ))}
                  </ul>
                </Section>
              </>
            )}
          </>
        )}
      </div>
    </Page>
  );
}
