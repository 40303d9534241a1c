import { Section } from "@/app/page";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { Again } from "./again";
import { Arms, Conclusion } from "./parts";
import { Plan } from "./plan";
import type { Experiment } from "./queries";
import WhatIfRules from "./what-if";

const s = w.experiments;

/** How an experiment stands, what was planned, and how else it may be judged. */
export function Judged({ experiment: x }: { experiment: Experiment }) {
  const nameOf = (arm: string) => x.arms.find((a) => a.arm_id === arm)?.name ?? arm.slice(0, 8);
  return (
    <>
      {x.standing && (
        <Section title={s.standing} actions={x.as_of && <span className="text-table text-text-3">{s.asOf} <Time at={x.as_of} absolute /></span>}>
          {x.decided && (
            <p className="pb-2">
              {s.wasDecided(nameOf(x.decided.arm_id))} {x.ended_at && <Time at={x.ended_at} absolute />}. {!x.standing.decided && <span className="text-text-2">{s.sinceThen}</span>}
            </p>
          )}
          <Conclusion verdict={x.standing} nameOf={nameOf} />
          <Arms verdict={x.standing} metric={x.metric} nameOf={nameOf} />
        </Section>
      )}
      <Plan experiment={x} />
      {x.standing && <Again experiment={x} nameOf={nameOf} />}
      {x.standing && <WhatIfRules experiment={x} nameOf={nameOf} />}
    </>
  );
}
