import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { warmup as p } from "@/words/en/warmup";
import { formatCount } from "@/words/format";
import { BarChart } from "./chart/bars";
import { SharedCursor } from "./chart/cursor";
import { Time } from "./time";

type Forecast = Schemas["Forecast"];

const spread = (middle: string) => [
  { name: p.least, color: "var(--machines)", hatched: true },
  { name: middle, color: "var(--good)" },
  { name: p.most, color: "var(--machines)", hatched: true },
];

/** What is sent on the days to come, what binds on each, and when it is over. */
export function ForecastView({ forecast: f, about }: { forecast: Forecast; about: ReactNode }) {
  const answers = f.days.filter((d) => d.replies);
  return (
    <div className="flex flex-col gap-3">
      <div>
        {about}
        {f.text && <p>{p.binds(f.text)}</p>}
        {f.replies && <p>{p.answers(formatCount(Math.round(f.replies.expected)), f.replies.low, f.replies.high)}</p>}
      </div>
      <SharedCursor>
        <BarChart
          title={p.messagesADay}
          sentence={f.runs > 0 ? p.band(f.runs) : ""}
          series={spread(p.planned)}
          points={f.days.map((d) => ({ id: d.date, label: d.date.slice(8), long: d.text ? `${d.date} (${d.text})` : d.date, values: [d.low, d.planned, d.high] }))}
        />
        {answers.length > 1 && (
          <BarChart title={p.answersADay} sentence={p.answersBand} series={spread(p.expected)} points={answers.map((d) => ({ id: d.date, label: d.date.slice(8), long: d.date, values: [d.replies!.low, Math.round(d.replies!.expected), d.replies!.high] }))} />
        )}
      </SharedCursor>
    </div>
  );
}

/** When it is through: without answers, and with them. */
export function Finish({ forecast: f }: { forecast: Forecast }) {
  if (!f.finish.planned) return f.people > 0 ? <>{p.notWithin}</> : null;
  return (
    <>
      {p.through} <Time at={f.finish.planned} />
      {f.finish.p10 && f.finish.p90 && (
        <>
          ; {p.throughBetween} <Time at={f.finish.p10} /> {p.and} <Time at={f.finish.p90} />
        </>
      )}
    </>
  );
}
