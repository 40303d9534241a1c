import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { Schemas } from "@/api/client";
import { linkLook, useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { cx } from "@/ui/cx";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { formatCount } from "@/words/format";
import { fieldLabel } from "@/words/en/settings-crm";
import { integrations as s } from "@/words/en/settings-integrations";
import { integrationLogOptions, type Outcome } from "./integration-queries";
import { Body } from "./row";
import type { SettingsSearch } from "./routes";

const outcomes: Outcome[] = ["done", "failed", "conflict", "skipped"];

/** A field is called as people call it. */
const whatOf = (what: string) => (what.startsWith("field ") ? fieldLabel(what.slice(6)) : (s.what[what] ?? what));

/** What was done on a connection: the newest first, by outcome. */
export function IntegrationLog({ integration: x }: { integration: Schemas["Integration"] }) {
  const { org, slug } = useSession();
  const search = useSearch({ strict: false }) as SettingsSearch;
  const change = useChangeSearch();
  const outcome = outcomes.find((o) => o === search.kind);
  const list = useInfiniteQuery(integrationLogOptions(org, x.id, outcome));
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <Body>
      <div>
        <button type="button" onClick={() => change({ filter: undefined, kind: undefined }, false)} className="flex min-h-7 items-center gap-1.5 text-table text-text-2">
          <ArrowLeft size={14} aria-hidden /> {s.back}
        </button>
        <h2 className="pt-2 text-section font-semibold">{s.logTitle(s.names[x.provider] ?? x.provider)}</h2>
        <p className="text-text-2">{s.logAbout}</p>
      </div>
      <div role="group" className="flex flex-wrap gap-1">
        {[undefined, ...outcomes].map((o) => (
          <Button key={o ?? ""} size="small" look={outcome === o ? "plain" : "quiet"} aria-pressed={outcome === o} onClick={() => change({ kind: o }, true)}>
            {o ? s.outcomes[o] : s.all}
          </Button>
        ))}
      </div>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <SkeletonRows rows={5} />
      ) : rows.length === 0 ? (
        <p className="text-text-2">{outcome ? s.noMatch : s.logEmpty}</p>
      ) : (
        <ScrollRegion label={s.log}>
          <table className="w-full min-w-[40rem] text-table">
            <thead>
              <tr className="border-b text-left text-text-3">
                {[s.columns.at, s.columns.direction, s.columns.what, s.columns.count, s.columns.outcome, s.columns.lead].map((c, i) => (
                  <th key={c} className={cx("py-1.5 pr-4 font-medium", i === 3 && "text-right")}>
                    {c}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((r, i) => (
                <tr key={`${r.at} ${i}`} className="border-b align-top">
                  <td className="py-2 pr-4 whitespace-nowrap">
                    <Time past at={r.at} />
                  </td>
                  <td className="py-2 pr-4 whitespace-nowrap text-text-2">{s.directions[r.direction]}</td>
                  <td className="py-2 pr-4">
                    {whatOf(r.what)}
                    {r.detail && <span className="block max-w-[48ch] text-meta break-words text-text-3">{r.detail}</span>}
                  </td>
                  <td className="py-2 pr-4 text-right tabular-nums">{formatCount(r.count)}</td>
                  <td className="py-2 pr-4">
                    <Chip tone={r.outcome === "done" ? "good" : r.outcome === "failed" ? "bad" : r.outcome === "conflict" ? "warn" : "plain"}>{s.outcomes[r.outcome]}</Chip>
                  </td>
                  <td className="py-2">
                    {r.lead_id && (
                      <Link to={`/o/${slug}/leads/${r.lead_id}` as "/"} className={linkLook}>
                        {s.lead}
                      </Link>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {list.hasNextPage && (
        <div>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {s.more}
          </Button>
        </div>
      )}
    </Body>
  );
}
