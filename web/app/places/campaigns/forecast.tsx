import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Finish, ForecastView } from "@/ui/forecast";
import { Slider } from "@/ui/slider";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { warmup as p } from "@/words/en/warmup";
import { formatCount } from "@/words/format";
import { forecastOptions, type Campaign } from "./queries";
import type { CampaignSearch } from "./search";
import { readWhatIf, writeWhatIf, type WhatIf } from "./what-if";

const caps = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500];
const boxes = Array.from({ length: 20 }, (_, i) => i + 1);
const people = [25, 50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 20_000];
const begins = [5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500];
const weeks = ["1,2,3,4,5", "1,2,3,4,5,6", "1,2,3,4,5,6,7", "2,3,4"];

/** What a campaign sends on the days to come, when it is through, and what would be if: it is played anew as a slider comes to rest. */
export default function Forecast({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const change = useChangeSearch();
  const { if: text } = useSearch({ strict: false }) as CampaignSearch;
  const [ask, setAsk] = useState<WhatIf>(() => readWhatIf(text));
  const wanted = writeWhatIf(ask);
  useEffect(() => setAsk(readWhatIf(text)), [text]);
  useEffect(() => {
    if (wanted === text) return;
    const t = setTimeout(() => change({ if: wanted }, true), 400);
    return () => clearTimeout(t);
  }, [wanted]);
  const base = useQuery(forecastOptions(org, campaign.id, {}));
  const asked = useQuery({ ...forecastOptions(org, campaign.id, readWhatIf(text)), placeholderData: keepPreviousData });
  const f = asked.data;
  const set = (to: WhatIf) => setAsk((x) => ({ ...x, ...to }));
  const hours = { window_from: ask.window_from ?? campaign.settings.window.from, window_to: ask.window_to ?? campaign.settings.window.to.replace("24:00", "23:59") };
  const waiting = wanted !== text || asked.isPlaceholderData;
  return (
    <Section
      title={p.forecast}
      actions={
        wanted && (
          <Button size="small" onClick={() => setAsk({})}>
            {p.asItIs}
          </Button>
        )
      }
    >
      <p className="py-2 text-text-2">{p.forecastAbout}</p>
      <div className="grid gap-x-8 gap-y-3 pb-4 sm:grid-cols-2" role="group" aria-label={p.whatIf}>
        <Slider label={p.cap} values={caps} value={ask.cap_per_day} asIs={p.unchanged} say={formatCount} onChange={(cap_per_day) => set({ cap_per_day })} />
        <Slider label={p.moreMailboxes} values={boxes} value={ask.more_mailboxes} asIs={p.unchanged} say={p.more_} onChange={(more_mailboxes) => set({ more_mailboxes })} />
        <Slider label={p.morePeople} values={people} value={ask.more_people} asIs={p.unchanged} say={p.more_} onChange={(more_people) => set({ more_people })} />
        <Slider label={p.newPeople} values={begins} value={ask.new_people_per_day} asIs={p.unchanged} say={p.atMost} onChange={(new_people_per_day) => set({ new_people_per_day })} />
        <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)] gap-3 sm:col-span-2">
          <SelectField
            label={p.hours}
            value={ask.window_days ?? ""}
            onChange={(e) => set(e.target.value ? { ...hours, window_days: e.target.value } : { window_days: undefined, window_from: undefined, window_to: undefined })}
            options={[{ value: "", label: p.unchanged }, ...weeks.map((value) => ({ value, label: p.weeks[value]! }))]}
          />
          {(["window_from", "window_to"] as const).map((name) => (
            <TextField key={name} type="time" label={p[name]} disabled={!ask.window_days} value={hours[name]} onChange={(e) => e.target.value && set({ ...hours, [name]: e.target.value })} />
          ))}
        </div>
      </div>
      {asked.isPending && <SkeletonRows rows={4} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {f && (
        <div className={waiting ? "opacity-60 transition-opacity" : "transition-opacity"} aria-busy={waiting}>
          <ForecastView
            forecast={f}
            about={
              <>
                <p>{p.total(f.total, f.people)}</p>
                <p>
                  <Finish forecast={f} />
                </p>
                {text && base.data && (
                  <p className="text-text-2">
                    {p.asSet(base.data.total, base.data.people)} <Finish forecast={base.data} />
                  </p>
                )}
              </>
            }
          />
        </div>
      )}
      <p role="status" className="sr-only">
        {waiting ? p.playing : ""}
      </p>
    </Section>
  );
}
