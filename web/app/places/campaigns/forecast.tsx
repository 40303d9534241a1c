import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { BarChart } from "@/ui/chart/bars";
import { TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { warmup as p } from "@/words/en/warmup";
import { formatCount } from "@/words/format";
import { forecastOptions, type WhatIf } from "./queries";

/** What a campaign sends on the days to come, when it is through, and what would be if. */
export default function Forecast({ id }: { id: string }) {
  const { org } = useSession();
  const [ask, setAsk] = useState<WhatIf>({});
  const asked = useQuery({ ...forecastOptions(org, id, ask), placeholderData: keepPreviousData });
  const f = asked.data;
  const answers = f?.days.filter((d) => d.replies) ?? [];
  const field = (label: string, name: keyof WhatIf, max: number) => (
    <TextField
      type="number"
      min={1}
      max={max}
      label={label}
      placeholder={p.unchanged}
      defaultValue=""
      onBlur={(e) => {
        const n = Math.min(max, Math.floor(Number(e.target.value)));
        setAsk((x) => ({ ...x, [name]: n > 0 ? n : undefined }));
      }}
    />
  );
  return (
    <Section title={p.forecast}>
      <p className="py-2 text-text-2">{p.forecastAbout}</p>
      <div className="grid gap-4 pb-3 sm:grid-cols-3" role="group" aria-label={p.whatIf}>
        {field(p.cap, "cap_per_day", 100_000)}
        {field(p.moreMailboxes, "more_mailboxes", 50)}
        {field(p.morePeople, "more_people", 20_000)}
      </div>
      {asked.isPending && <SkeletonRows rows={4} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {f && (
        <>
          <p>{p.total(f.total, f.people)}</p>
          {f.finish.planned ? (
            <p>
              {p.through} <Time at={f.finish.planned} />
              {f.finish.p10 && f.finish.p90 && (
                <>
                  ; {p.throughBetween} <Time at={f.finish.p10} /> {p.and} <Time at={f.finish.p90} />
                </>
              )}
            </p>
          ) : (
            f.people > 0 && <p>{p.notWithin}</p>
          )}
          {f.text && <p>{p.binds(f.text)}</p>}
          {f.replies && <p>{p.answers(formatCount(Math.round(f.replies.expected)), f.replies.low, f.replies.high)}</p>}
          <BarChart
            title={p.messagesADay}
            sentence={p.band(f.runs)}
            series={[
              { name: p.least, color: "var(--machines)", hatched: true },
              { name: p.planned, color: "var(--good)" },
              { name: p.most, color: "var(--machines)", hatched: true },
            ]}
            points={f.days.map((d) => ({ id: d.date, label: d.date.slice(8), long: d.text ? `${d.date} (${d.text})` : d.date, values: [d.low, d.planned, d.high] }))}
          />
          {answers.length > 1 && (
            <BarChart
              title={p.answersADay}
              sentence={p.answersBand}
              series={[
                { name: p.least, color: "var(--machines)", hatched: true },
                { name: p.expected, color: "var(--good)" },
                { name: p.most, color: "var(--machines)", hatched: true },
              ]}
              points={answers.map((d) => ({ id: d.date, label: d.date.slice(8), long: d.date, values: [d.replies!.low, Math.round(d.replies!.expected), d.replies!.high] }))}
            />
          )}
        </>
      )}
    </Section>
  );
}
