import { useState } from "react";
import { Go } from "@/app/go";
import { zone } from "@/app/zone";
import { ScrollRegion } from "@/ui/scroll-region";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatAbsolute, formatCount, formatDay, formatRate } from "@/words/format";
import { pValue } from "./model";
import { Arms, Conclusion } from "./parts";
import type { Evaluation } from "./queries";

const s = w.experiments;

/** A verdict that is kept, with all that it rests on. */
export function Kept({ evaluation: e, nameOf }: { evaluation: Evaluation; nameOf: (arm: string) => string }) {
  const { settings: by, verdict: v } = e;
  const [open, setOpen] = useState(false);
  const at = (t: string) => formatAbsolute(new Date(t), zone());
  const told = [
    by.from && `${s.from.toLowerCase()} ${at(by.from)}`,
    by.to && `${s.to.toLowerCase()} ${at(by.to)}`,
    by.unit === "message" && s.units.message!.toLowerCase(),
    by.settled && s.settled.toLowerCase(),
    by.exclude?.free_mail && s.freeMail.toLowerCase(),
    by.exclude?.bounced && s.bounced.toLowerCase(),
    s.rules[by.rule.kind ?? "sequential"]!.toLowerCase(),
    s.minimum(by.rule.min_per_arm ?? 1),
  ].filter(Boolean);
  return (
    <article className="border-b py-3" aria-label={s.verdictOf(s.metrics[by.metric]!, by.window_days)}>
      <header className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h3 className="font-medium">{s.verdictOf(s.metrics[by.metric]!, by.window_days)}</h3>
        <span className="text-table text-text-2">{told.join(", ")}</span>
        <span className="ml-auto text-table text-text-3">
          <Time at={e.created_at} />
        </span>
      </header>
      <Conclusion verdict={v} nameOf={nameOf} />
      <Arms verdict={v} metric={by.metric} nameOf={nameOf} denominator={by.unit === "message" ? s.units.message!.toLowerCase() : undefined} />
      <p className="pt-2 text-table text-text-2">
        {v.what_if ? s.wouldStop(formatDay(v.what_if.at, zone()), nameOf(v.what_if.winner)) : s.wouldNot}{" "}
        <span className="text-text-3">
          {s.asOf} {at(by.as_of)}, <Go path={`/history/${e.oseq}`}>{s.readTo(e.oseq)}</Go>, {s.code(e.code)}
        </span>
      </p>
      {v.course && v.course.length > 0 && (
        <details className="pt-1 text-table" onToggle={(x) => setOpen(x.currentTarget.open)}>
          <summary className="min-h-6 text-text-2">{s.course}</summary>
          {open && <Course evaluation={e} nameOf={nameOf} />}
        </details>
      )}
    </article>
  );
}

function Course({ evaluation: e, nameOf }: { evaluation: Evaluation; nameOf: (arm: string) => string }) {
  const arms = e.verdict.arms;
  return (
    <ScrollRegion label={s.course} className="max-h-80 overflow-auto">
      <table className="w-full text-left">
        <thead className="sticky top-0 bg-surface-0 text-text-3">
          <tr className="border-b">
            <th scope="col" className="py-1 pr-4 font-medium">
              {s.day}
            </th>
            {arms.map((a) => (
              <th key={a.arm_id} scope="col" className="py-1 pr-4 text-right font-medium whitespace-nowrap">
                {nameOf(a.arm_id)}
              </th>
            ))}
            {arms.map((a) => (
              <th key={a.arm_id + "p"} scope="col" className="py-1 pr-4 text-right font-medium whitespace-nowrap">
                {s.pBest}, {nameOf(a.arm_id)}
              </th>
            ))}
            <th scope="col" className="py-1 pr-4 text-right font-medium">
              p
            </th>
            <th scope="col" className="py-1" aria-label={s.stopsHere} />
          </tr>
        </thead>
        <tbody>
          {e.verdict.course!.map((d) => (
            <tr key={d.at} className="border-b">
              <td className="py-1 pr-4 whitespace-nowrap">{formatDay(d.at, zone())}</td>
              {arms.map((a, i) => (
                <td key={a.arm_id} className="py-1 pr-4 text-right whitespace-nowrap">
                  {formatCount(d.successes[i] ?? 0)} {w.rates.of} {formatCount(d.people[i] ?? 0)}
                </td>
              ))}
              {arms.map((a, i) => (
                <td key={a.arm_id} className="py-1 pr-4 text-right">
                  {formatRate(d.p_best[i] ?? 0)}
                </td>
              ))}
              <td className="py-1 pr-4 text-right whitespace-nowrap">{pValue(d.p_value)}</td>
              <td className="py-1 text-good">{d.decides ? s.stopsHere : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
