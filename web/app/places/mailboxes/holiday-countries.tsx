import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { formatDay } from "@/words/format";
import { pacing as p } from "@/words/en/pacing";
import { publicHolidaysOptions } from "./queries";

/** In which countries public holidays are heeded. */
export function HolidayCountries() {
  const { org } = useSession();
  const past = !!useAt();
  const may = useMay("organization:manage") && !past;
  const asked = useQuery(publicHolidaysOptions(org));
  const server = asked.data?.data.filter((c) => c.heeded).map((c) => c.country) ?? [];
  const [chosen, setChosen] = useState<string[]>(server);
  useEffect(() => setChosen(server), [asked.data]);
  const save = useWrite({
    run: (countries: string[], header) => must(api.PUT("/v1/public-holidays", { params: { header }, body: { countries } })),
    stale: () => [
      [org, "mailboxes"],
      [org, "plan"],
    ],
    done: () => void toast.say(p.holidaysSaved),
  });
  const day = (d: string) => formatDay(d + "T12:00:00Z", "UTC");
  const changed = [...chosen].sort().join() !== [...server].sort().join();
  return (
    <Section title={p.holidays} actions={<span className="text-table text-text-3">{p.countries(chosen.length)}</span>}>
      <p className="max-w-[72ch] py-2 text-text-2">{p.holidaysAbout}</p>
      {asked.isPending && <SkeletonRows rows={6} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      <ul className="grid gap-x-6 sm:grid-cols-2">
        {asked.data?.data.map((c) => (
          <li key={c.country} className="border-b py-1.5">
            <label className="flex min-h-6 items-center gap-2">
              <input type="checkbox" disabled={!may} checked={chosen.includes(c.country)} onChange={(e) => setChosen((x) => (e.target.checked ? [...x, c.country] : x.filter((y) => y !== c.country)))} className="size-4 accent-(--accent)" />
              <span>{c.name}</span>
            </label>
            {c.heeded && (c.next?.length ?? 0) > 0 && <p className="pl-6 text-meta text-text-3">{p.holidayNext(c.next!.map((d) => `${day(d.date)} ${d.name}`).join(", "))}</p>}
          </li>
        ))}
      </ul>
      {changed && may && <SaveBar label={p.saveHolidays} busy={save.isPending} onDiscard={() => setChosen(server)} onSave={() => save.mutate(chosen)} />}
    </Section>
  );
}
