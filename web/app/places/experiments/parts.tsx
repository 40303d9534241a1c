import { Chip, type Tone } from "@/ui/chip";
import { Rate } from "@/ui/rate";
import { ScrollRegion } from "@/ui/scroll-region";
import { w } from "@/words";
import { formatCount, formatRate } from "@/words/format";
import { conclusion, points, pValue, widest } from "./model";
import type { Arm, Experiment, Verdict } from "./queries";

const s = w.experiments;
const tones: Record<string, Tone> = { draft: "accent", running: "good", stopped: "plain", decided: "accent" };

export function StatusChip({ experiment: x }: { experiment: Pick<Experiment, "status" | "reason"> }) {
  return (
    <span className="inline-flex items-center gap-2">
      <Chip tone={tones[x.status]}>{s.statuses[x.status]}</Chip>
      {x.status === "stopped" && x.reason && <span className="text-table text-text-2">{s.reasons[x.reason]}</span>}
    </span>
  );
}

/** The interval of a rate on a scale that all rows share; without one where there are too few. */
function Whisker({ arm, most }: { arm: Arm; most: number }) {
  if (arm.people < 30) return null;
  const x = (v: number) => `${Math.min(v / most, 1) * 100}%`;
  return (
    <svg aria-hidden className="block h-3 w-40" preserveAspectRatio="none">
      <line x1="0" x2="100%" y1="6" y2="6" stroke="var(--line)" />
      <line x1={x(arm.low)} x2={x(arm.high)} y1="6" y2="6" stroke="var(--good)" strokeWidth="2" opacity="0.6" />
      <circle cx={x(arm.rate)} cy="6" r="3" fill="var(--good)" />
    </svg>
  );
}

/** How the arms stand: counts, rates with intervals, and how sure it is. */
export function Arms({ verdict: v, metric, nameOf, denominator = "people" }: { verdict: Verdict; metric: string; nameOf: (arm: string) => string; denominator?: string }) {
  const most = widest(v.arms);
  const head = "py-2 pr-6 font-medium whitespace-nowrap";
  return (
    <ScrollRegion label={s.standing}>
      <table className="w-full text-left text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            <th scope="col" className={head}>
              {s.arm}
            </th>
            <th scope="col" className={head + " text-right"}>
              {s.drawn}
            </th>
            <th scope="col" className={head}>
              {s.rate(s.metrics[metric] ?? metric)}
            </th>
            <th scope="col" className={head + " text-right"}>
              {s.pBest}
            </th>
            <th scope="col" className={head + " text-right"} title={s.lossAbout}>
              {s.loss}
            </th>
            <th scope="col" className={head}>
              {s.difference}
            </th>
            <th scope="col" className={head}>
              {s.harm}
            </th>
          </tr>
        </thead>
        <tbody>
          {v.arms.map((a, i) => {
            const told = !a.stopped && v.arms.every((x) => x.stopped || x.people >= 30);
            return (
              <tr key={a.arm_id} className="border-b align-top">
                <th scope="row" className="min-w-32 py-2 pr-6 font-medium">
                  {nameOf(a.arm_id)}
                  {v.winner === a.arm_id && (
                    <span className="ml-2">
                      <Chip tone="good">{s.winner}</Chip>
                    </span>
                  )}
                  {a.stopped && <span className="block text-meta text-bad">{s.armStopped}</span>}
                </th>
                <td className="py-2 pr-6 text-right">{formatCount(a.drawn)}</td>
                <td className="min-w-72 py-2 pr-6">
                  <Rate value={{ count: a.successes, of: a.people, rate: a.rate, low: a.low, high: a.high }} denominator={denominator} />
                  <Whisker arm={a} most={most} />
                  {a.settling > 0 && <span className="block text-meta text-text-3">{s.settling(a.settling)}</span>}
                </td>
                <td className="py-2 pr-6 text-right">{told ? formatRate(a.p_best) : "–"}</td>
                <td className="py-2 pr-6 text-right whitespace-nowrap">{told ? s.points(formatRate(a.loss).replace(/ %$/, "")) : "–"}</td>
                <td className="py-2 pr-6 whitespace-nowrap text-text-2">{i === 0 ? s.first : a.people < 30 || v.arms[0]!.people < 30 ? s.tooFew : s.differenceOf(points(a.difference), points(a.difference_low), points(a.difference_high))}</td>
                <td className="py-2 pr-6 whitespace-nowrap text-text-2">{s.harmOf(a.bounces, a.complaints, a.unsubscribes)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** What can be said of it, and by which checks. */
export function Conclusion({ verdict: v, nameOf }: { verdict: Verdict; nameOf: (arm: string) => string }) {
  const c = conclusion(v, nameOf);
  const tone = c.tone === "good" ? "text-good" : c.tone === "warn" ? "rounded-control bg-warn-soft px-3 py-2 text-warn" : "text-text-1";
  return (
    <div className="flex flex-col gap-1 py-3">
      <p role={c.tone === "warn" ? "alert" : undefined} className={"text-section font-medium " + tone}>
        {c.text}
      </p>
      <p className="text-table text-text-2">
        {s.alwaysValid(pValue(v.p_value))} {v.reason !== "sample_ratio" && v.sample_ratio_p < 1 && s.splitFine(pValue(v.sample_ratio_p))} {v.held_out > 0 && s.heldOut(v.held_out, v.held_out_successes)}
      </p>
    </div>
  );
}
