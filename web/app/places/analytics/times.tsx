import { useQuery } from "@tanstack/react-query";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { Rate } from "@/ui/rate";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatCount, formatRate } from "@/words/format";
import { Counted } from "./number";
import type { View } from "./page";
import { replyTimeOptions, sendTimeOptions } from "./queries";

const s = w.analytics;

/** When answers come: by the hour at which a mail left there, and by how long they took. */
export function Times({ search, from, to }: View) {
  const { org } = useSession();
  const query = { from, to, campaign_id: search.where?.campaign?.[0] };
  const send = useQuery(sendTimeOptions(org, query));
  const reply = useQuery(replyTimeOptions(org, query));
  const wrong = send.error ?? reply.error;
  if (wrong) return <ProblemNote error={wrong} onRetry={() => void (send.refetch(), reply.refetch())} />;
  if (!send.data || !reply.data) return <SkeletonRows rows={9} />;
  const at = new Map(send.data.rows.map((r) => [r.keys.map((k) => k.value).join("/"), r.figures[0]!]));
  const used = [...new Set(send.data.rows.map((r) => Number(r.keys[1]!.value)))];
  const hours = used.length ? Array.from({ length: Math.max(...used) - Math.min(...used) + 1 }, (_, i) => Math.min(...used) + i) : [];
  const greatest = Math.max(0.0001, ...send.data.rows.map((r) => (r.figures[0]!.of >= 30 ? r.figures[0]!.rate : 0)));
  const most = Math.max(1, ...reply.data.data.map((x) => x.count));
  return (
    <>
      <Section title={s.times.send}>
        <p className="max-w-[72ch] pb-3 text-text-2">{s.times.sendAbout}</p>
        {hours.length === 0 ? (
          <p className="py-3 text-text-2">{s.noRows}</p>
        ) : (
          <ScrollRegion label={s.times.send}>
            <table className="text-table">
              <thead className="text-text-3">
                <tr>
                  <td className="sticky left-0 bg-surface-0" />
                  {hours.map((h) => (
                    <th key={h} scope="col" className="px-1 py-1.5 text-center font-medium">
                      {s.hourOf(String(h))}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {s.weekdays.map((name, d) => (
                  <tr key={name}>
                    <th scope="row" className="sticky left-0 z-10 bg-surface-0 py-1 pr-3 text-left font-medium">
                      {name}
                    </th>
                    {hours.map((h) => {
                      const f = at.get(`${d + 1}/${h}`);
                      const rate = f && f.of >= 30;
                      return (
                        <td key={h} title={f && `${formatCount(f.count)} ${w.rates.of} ${formatCount(f.of)} ${s.denominators[f.denominator]}`} className="h-10 min-w-16 border border-surface-0 px-1 text-center whitespace-nowrap" style={{ background: rate ? `color-mix(in srgb, var(--good) ${6 + Math.round((f.rate / greatest) * 34)}%, transparent)` : f ? "var(--surface-1)" : undefined }}>
                          {f && (
                            <Counted drill={f.drill} count={f.count} label={s.times.cell(name, s.hourOf(String(h)))} className="text-text-1">
                              {rate ? formatRate(f.rate) : `${formatCount(f.count)}/${formatCount(f.of)}`}
                            </Counted>
                          )}
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
      </Section>
      <Section title={s.times.reply}>
        <p className="pb-2 text-text-2">{s.times.replyAbout}</p>
        <ol className="flex flex-col">
          {reply.data.data.map((x) => (
            <li key={x.bucket} className="grid items-center gap-x-4 border-b py-2 sm:grid-cols-[9rem_minmax(0,1fr)_minmax(0,26rem)]">
              <span className="text-table text-text-2">{s.times.buckets[x.bucket]}</span>
              <span aria-hidden className="h-3 overflow-hidden rounded-full bg-surface-2 max-sm:my-1">
                <span className="block h-full rounded-full" style={{ width: x.count > 0 ? `max(4px, ${(x.count / most) * 100}%)` : 0, background: "var(--good)" }} />
              </span>
              <span className="text-table">
                <Counted drill={x.drill} count={x.count} label={s.times.buckets[x.bucket]!}>
                  <Rate value={x} denominator={s.denominators[x.denominator]} />
                </Counted>
              </span>
            </li>
          ))}
        </ol>
      </Section>
    </>
  );
}
