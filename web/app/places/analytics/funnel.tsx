import { useQuery } from "@tanstack/react-query";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { Go } from "@/app/go";
import { Rate } from "@/ui/rate";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatCount, formatDay } from "@/words/format";
import { inWords } from "./duration";
import { listOf } from "./model";
import type { View } from "./page";
import { funnelOptions } from "./queries";

const s = w.analytics;
const colors: Record<string, string> = { enrolled: "var(--control)", written_to: "var(--sent)", replied: "var(--good)", interested: "var(--good)", meeting: "var(--meeting)" };

/** People by how far they have come, each stage a list, with the time that it took. */
export function Funnel({ search, from, to }: Pick<View, "search" | "from" | "to">) {
  const { org } = useSession();
  const q = useQuery(funnelOptions(org, { from, to, campaign_id: search.where?.campaign?.[0] }));
  if (q.error) return <ProblemNote error={q.error} onRetry={() => void q.refetch()} />;
  if (!q.data) return <SkeletonRows rows={5} />;
  const most = Math.max(1, ...q.data.stages.map((x) => x.count));
  return (
    <Section title={s.funnel.title}>
      <p className="pb-2 text-text-2">
        {s.funnel.about} {formatDay(from + "T12:00:00Z", "UTC")} – {formatDay(to + "T12:00:00Z", "UTC")}.
      </p>
      <ol className="flex flex-col">
        {q.data.stages.map((x, i) => (
          <li key={x.stage} className="grid items-center gap-x-4 border-b py-3 sm:grid-cols-[9rem_minmax(0,1fr)_minmax(0,30rem)]">
            <span className="text-table text-text-2">
              {s.funnel.stages[x.stage]}
              {x.stage === "interested" && <span className="block text-meta text-text-3">{s.funnel.unknownMeaning}</span>}
            </span>
            <span aria-hidden className="h-3 overflow-hidden rounded-full bg-surface-2 max-sm:my-1">
              <span className="block h-full rounded-full" style={{ width: x.count > 0 ? `max(4px, ${(x.count / most) * 100}%)` : 0, background: colors[x.stage] }} />
            </span>
            <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
              {x.count > 0 ? (
                <Go path="/analytics/list" search={listOf(x.drill)} className="text-section font-semibold" label={`${s.funnel.stages[x.stage]}: ${formatCount(x.count)}`}>
                  {formatCount(x.count)}
                </Go>
              ) : (
                <span className="text-section font-semibold">0</span>
              )}
              <span className="min-w-0 text-table text-text-2">{i > 0 && x.count > 0 && <Rate value={x} denominator={s.denominators[x.denominator]} />}</span>
              {x.since && x.median_seconds != null && x.p90_seconds != null && x.count > 0 && <span className="w-full text-meta text-text-3">{s.funnel.lag(inWords(x.median_seconds), inWords(x.p90_seconds), s.funnel.since[x.since] ?? x.since)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
