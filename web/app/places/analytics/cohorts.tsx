import { useQuery } from "@tanstack/react-query";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatCount, formatDay, formatRate } from "@/words/format";
import { Counted } from "./number";
import type { View } from "./page";
import { cohortsOptions } from "./queries";

const s = w.analytics.cohorts;

/** Rows are weeks of the first mail, columns the weeks since; every cell opens its people. */
export function Cohorts({ search, from, to }: View) {
  const { org } = useSession();
  const q = useQuery(cohortsOptions(org, { from, to, campaign_id: search.where?.campaign?.[0] }));
  if (q.error) return <ProblemNote error={q.error} onRetry={() => void q.refetch()} />;
  if (!q.data) return <SkeletonRows rows={5} />;
  const weeks = q.data.data[0]?.cells ?? [];
  const greatest = Math.max(0.0001, ...q.data.data.flatMap((c) => (c.people >= 30 ? c.cells.map((x) => x.rate) : [])));
  return (
    <Section title={s.title}>
      <p className="max-w-[72ch] pb-3 text-text-2">{s.about}</p>
      {q.data.data.length === 0 ? (
        <p className="py-3 text-text-2">{w.analytics.noRows}</p>
      ) : (
        <ScrollRegion label={s.title}>
          <table className="text-left text-table">
            <thead className="text-text-3">
              <tr className="border-b">
                <th scope="col" className="sticky left-0 z-10 bg-surface-0 py-2 pr-4 font-medium">
                  {s.week}
                </th>
                <th scope="col" className="py-2 pr-4 text-right font-medium">
                  {s.people}
                </th>
                {weeks.map((x) => (
                  <th key={x.weeks} scope="col" title={s.withinLong(x.weeks)} className="px-3 py-2 text-right font-medium whitespace-nowrap">
                    {s.within(x.weeks)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {q.data.data.map((c) => {
                const name = formatDay(c.week + "T12:00:00Z", "UTC");
                return (
                  <tr key={c.week} className="border-b">
                    <th scope="row" className="sticky left-0 z-10 bg-surface-0 py-2 pr-4 font-medium whitespace-nowrap">
                      {name}
                    </th>
                    <td className="py-2 pr-4 text-right">
                      <Counted drill={c.drill} count={c.people} label={`${s.people}, ${name}`} />
                    </td>
                    {c.cells.map((x) => (
                      <td key={x.weeks} title={x.final ? undefined : s.notFinal} className="px-3 py-2 text-right whitespace-nowrap" style={c.people >= 30 && x.final ? { background: `color-mix(in srgb, var(--good) ${Math.round((x.rate / greatest) * 22)}%, transparent)` } : undefined}>
                        <Counted drill={x.drill} count={x.count} label={`${name}, ${s.withinLong(x.weeks)}`}>
                          {c.people >= 30 ? formatRate(x.rate) : formatCount(x.count)}
                        </Counted>
                        {c.people >= 30 && <span className="block text-meta text-text-3">{formatCount(x.count)}</span>}
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Section>
  );
}
