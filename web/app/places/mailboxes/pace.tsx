import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { Section } from "@/app/page";
import { rebase } from "@/app/places/campaigns/rebase";
import { Amount } from "@/app/places/campaigns/setting";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import type { Mailbox } from "./queries";

type Pace = Schemas["Pace"];

/** How much a mailbox may send. */
export function PaceForm({ box, past }: { box: Mailbox; past: boolean }) {
  const { org } = useSession();
  const may = useMay("mailboxes:write") && !past;
  const [base, setBase] = useState<Pace>(box.pace);
  const [pace, setPace] = useState<Pace>(box.pace);
  const [problem, setProblem] = useState<ProblemError>();
  const m = w.mailboxes;
  useEffect(() => {
    setPace((p) => rebase(p, base, box.pace));
    setBase(box.pace);
  }, [box.pace]);
  const save = useWrite({
    run: (p: Pace, header) => must(api.PATCH("/v1/mailboxes/{id}", { params: { path: { id: box.id }, header }, body: { pace: p } })),
    stale: () => [
      [org, "mailboxes"],
      [org, "plan"],
    ],
    done: () => {
      setProblem(undefined);
      toast.say(m.paceSaved);
    },
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  const set = (p: Partial<Pace>) => setPace((x) => ({ ...x, ...p }));
  const changed = JSON.stringify(pace) !== JSON.stringify(base);
  const minutes = (s: number) => Math.round(s / 6) / 10;
  return (
    <Section title={m.pace}>
      <fieldset disabled={!may} className="min-w-0">
        <p className="py-2 text-text-2">{m.paceAbout(pace.cap_per_day, minutes(pace.gap_seconds + pace.jitter_from), minutes(pace.gap_seconds + pace.jitter_to))}</p>
        {problem && <ProblemNote error={problem} />}
        <Amount label={m.capDay} about={m.capDayAbout} unit={m.unitMessages} value={pace.cap_per_day} standard={30} min={1} max={1_000_000} onChange={(cap_per_day) => set({ cap_per_day })} />
        <Amount label={m.capHour} about={m.capHourAbout} unit={m.unitMessages} value={pace.cap_per_hour} standard={6} max={1_000_000} onChange={(cap_per_hour) => set({ cap_per_hour })} />
        <Amount label={m.gap} about={m.gapAbout} unit={m.unitSeconds} value={pace.gap_seconds} standard={600} max={86_400} onChange={(gap_seconds) => set({ gap_seconds })} />
        <Amount label={m.jitterFrom} about={m.jitterFromAbout} unit={m.unitSeconds} value={pace.jitter_from} standard={90} max={86_400} onChange={(jitter_from) => set({ jitter_from })} />
        <Amount label={m.jitterTo} about={m.jitterToAbout} unit={m.unitSeconds} value={pace.jitter_to} standard={420} max={86_400} onChange={(jitter_to) => set({ jitter_to })} />
        <Amount label={m.warmupStart} about={m.warmupStartAbout} unit={m.unitMessages} value={pace.warmup_start} standard={10} max={1_000_000} onChange={(warmup_start) => set({ warmup_start })} />
        <Amount label={m.warmupPerDay} about={m.warmupPerDayAbout} unit={m.unitMessages} value={pace.warmup_per_day} standard={2} max={1_000_000} onChange={(warmup_per_day) => set({ warmup_per_day })} />
      </fieldset>
      {changed && may && (
        <div className="sticky bottom-4 z-10 mt-3 flex flex-wrap items-center gap-3 rounded-panel bg-surface-0 px-4 py-2.5 shadow-float">
          <span className="mr-auto">{w.campaigns.unsaved}</span>
          <Button onClick={() => setPace(base)}>{w.campaigns.discard}</Button>
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate(pace)}>
            {m.savePace}
          </Button>
        </div>
      )}
    </Section>
  );
}
