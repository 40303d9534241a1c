import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { SharedCursor } from "@/ui/chart/cursor";
import { Rate } from "@/ui/rate";
import { ScrollRegion } from "@/ui/scroll-region";
import { Skeleton } from "@/ui/states";
import { w } from "@/words";
import { formatCount, formatDay } from "@/words/format";
import { Bars } from "./bars";
import type { Today } from "./queries";

/** The last 14 days: what was sent, human replies, meetings; opens by people and machines apart. */
export function Figures({ today }: { today?: Today }) {
  const { slug } = useSession();
  const { figures: as } = useSearch({ strict: false }) as { figures?: string };
  const change = useChangeSearch();
  const f = today?.last_14_days;
  if (today && !f) return null; // who may not see figures
  const days = f ? everyDay(f) : [];
  const table = as === "table";
  const sent = f?.figures.emails_sent ?? 0;
  const analytics = `/o/${slug}/analytics/list` as "/";
  const listOf = (metric: string, count: number) => ({ to: analytics, search: count > 0 && f ? { metric, unit: "message", from: f.from, to: f.to, zone: zone() } : undefined });
  return (
    <Section
      title={w.today.figures}
      actions={
        sent > 0 && (
          <Button size="small" look="quiet" onClick={() => change({ figures: table ? undefined : "table" }, true)}>
            {table ? w.today.asChart : w.today.asTable}
          </Button>
        )
      }
    >
      {!f ? (
        <Skeleton className="my-4 h-24! w-full" />
      ) : sent === 0 ? (
        <p className="py-3 text-text-2">{w.today.none}</p>
      ) : table ? (
        <ScrollRegion label={w.today.figures}>
          <table className="w-full text-table">
            <thead className="text-text-2">
              <tr className="h-9 border-b">
                {[w.today.day, w.today.sent, w.today.replies, w.today.meetings, w.today.opens, w.today.machines].map((h, i) => (
                  <th key={h} scope="col" className={"font-medium whitespace-nowrap " + (i ? "pl-4 text-right" : "text-left")}>
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.map((d) => (
                <tr key={d.day} className="h-8 border-b last:border-b-0">
                  <th scope="row" className="text-left font-normal whitespace-nowrap">
                    {formatDay(d.day + "T12:00:00Z", "UTC")}
                  </th>
                  {[d.sent, d.replies, d.meetings, d.opens, d.machines].map((n, i) => (
                    <td key={i} className="pl-4 text-right">
                      {formatCount(n)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      ) : (
        <>
          <SharedCursor>
            <div className="grid gap-x-8 gap-y-6 pt-3 sm:grid-cols-2">
              <Chart {...listOf("sent", sent)} name={w.today.sent} value={<span className="text-section font-semibold">{formatCount(sent)}</span>}>
                <Bars label={w.today.sent} days={days.map((d) => ({ day: d.day, n: d.sent }))} color="var(--sent)" />
              </Chart>
              <Chart {...listOf("replied", f.figures.reply_rate.count)} name={w.today.replies} value={<Rate value={f.figures.reply_rate} denominator={f.figures.reply_rate.denominator} />}>
                <Bars label={w.today.replies} days={days.map((d) => ({ day: d.day, n: d.replies }))} color="var(--good)" />
              </Chart>
              <Chart {...listOf("meeting", f.figures.meeting_rate.count)} name={w.today.meetings} value={<Rate value={f.figures.meeting_rate} denominator={f.figures.meeting_rate.denominator} />}>
                <Bars label={w.today.meetings} days={days.map((d) => ({ day: d.day, n: d.meetings }))} color="var(--meeting)" />
              </Chart>
              <Chart
                {...listOf("opened", f.figures.open_rate.count)}
                name={w.today.opens}
                value={
                  <>
                    <Rate value={f.figures.open_rate} denominator={f.figures.open_rate.denominator} />
                    <span className="block text-meta text-text-3">
                      {w.today.machines}: {formatCount(f.figures.machine_opens.count)}
                    </span>
                  </>
                }
              >
                <Bars label={w.today.opens} days={days.map((d) => ({ day: d.day, n: d.opens, beside: d.machines }))} color="var(--accent)" besideLabel={w.today.machines} />
              </Chart>
            </div>
          </SharedCursor>
          {f.figures.settling > 0 && <p className="pt-3 text-meta text-text-3">{w.today.settling(f.figures.settling)}</p>}
        </>
      )}
    </Section>
  );
}

function Chart({ to, search, name, value, children }: { to: "/"; search?: Record<string, string>; name: string; value: ReactNode; children: ReactNode }) {
  return (
    <figure className="flex min-w-0 flex-col justify-between gap-2">
      <figcaption>
        {search ? (
          <Link to={to} search={search as never} className="text-table font-medium text-text-2 hover:underline">
            {name}
          </Link>
        ) : (
          <span className="text-table font-medium text-text-2">{name}</span>
        )}
        <div className="text-table">{value}</div>
      </figcaption>
      {children}
    </figure>
  );
}

type Figured = NonNullable<Today["last_14_days"]>;

/** Days without sends are absent in the answer, and zero here. */
function everyDay(f: Figured) {
  const by = new Map(f.days.map((d) => [d.day, d]));
  const out = [];
  for (let t = Date.parse(f.from + "T12:00:00Z"); t <= Date.parse(f.to + "T12:00:00Z"); t += 86_400_000) {
    const day = new Date(t).toISOString().slice(0, 10);
    const d = by.get(day);
    out.push({ day, sent: d?.emails_sent ?? 0, replies: d?.reply_rate.count ?? 0, meetings: d?.meeting_rate.count ?? 0, opens: d?.open_rate.count ?? 0, machines: d?.machine_opens.count ?? 0 });
  }
  return out;
}
