import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { useNow } from "@/app/clock";
import { Page, Section } from "@/app/page";
import { rebase } from "@/app/places/campaigns/rebase";
import { Holidays } from "@/app/places/campaigns/holidays";
import { Amount } from "@/app/places/campaigns/setting";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatDay, formatTime } from "@/words/format";
import { hoursOptions, type Hours } from "./queries";
import { Hosts } from "./hosts";
import { neverOffers, openDays } from "./slots";
import { WeekHours } from "./week-hours";

type Draft = Hours & { windows: NonNullable<Hours["windows"]> };

const standard: Draft = { windows: [{ days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" }], slot_minutes: 30, notice_minutes: 120, buffer_before_minutes: 0, buffer_after_minutes: 0, days_ahead: 14 };

const draftOf = ({ window, ...h }: Hours): Draft => ({ ...h, windows: h.windows ?? (window ? [window] : []) });
const zones = Intl.supportedValuesOf("timeZone");

/** When the organisation can be met, with what a visitor of the booking page sees beside it. */
export function BookingPage() {
  const { org } = useSession();
  const hours = useQuery(hoursOptions(org));
  return (
    <Page title={w.meetings.bookingPage}>
      {hours.isPending && <SkeletonRows />}
      {hours.isError && <ProblemNote error={hours.error} onRetry={() => void hours.refetch()} />}
      {hours.data !== undefined && <Editor saved={hours.data && draftOf(hours.data)} />}
    </Page>
  );
}

function Editor({ saved }: { saved: Draft | null }) {
  const { org, organizationName } = useSession();
  const past = !!useAt();
  const may = useMay("organization:manage") && !past;
  const organization = useQuery(organizationOptions(org));
  const now = useNow();
  const [base, setBase] = useState<Draft>(saved ?? standard);
  const [draft, setDraft] = useState<Draft>(saved ?? standard);
  const [problem, setProblem] = useState<ProblemError>();
  useEffect(() => {
    if (!saved) return;
    setDraft((d) => rebase(d, base, saved));
    setBase(saved);
  }, [JSON.stringify(saved)]);
  const save = useWrite({
    run: (h: Draft, header) => must(api.PUT("/v1/booking-hours", { params: { header }, body: h })),
    stale: () => [[org, "meetings"]],
    done: () => {
      setProblem(undefined);
      toast.say(w.meetings.saved);
    },
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  const set = (h: Partial<Draft>) => setDraft((d) => ({ ...d, ...h }));
  const m = w.meetings;
  const zone = draft.time_zone || organization.data?.time_zone || "UTC";
  const never = neverOffers(draft);
  const changed = JSON.stringify(draft) !== JSON.stringify(base) || !saved;
  const days = never ? [] : openDays(draft, zone, now, 3);
  return (
    <div className="grid gap-x-10 gap-y-8 px-4 pt-2 pb-10 sm:px-6 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <fieldset disabled={!may} className="flex min-w-0 flex-col gap-8">
        {!saved && <p className="rounded-panel bg-accent-soft p-3">{m.notSet}</p>}
        {problem && <ProblemNote error={problem} />}
        <Section title={m.hours}>
          <p className="py-2 text-text-2">{m.hoursAbout}</p>
          <WeekHours windows={draft.windows} onChange={(windows) => set({ windows })} may={may} />
          {never === "short" && <p className="mt-2 text-bad">{m.tooShort}</p>}
          <div className="mt-4 grid gap-x-4 sm:grid-cols-2">
            <Holidays days={draft.days_off ?? []} onChange={(days_off) => set({ days_off })} may={may} label={m.daysOff} about={m.daysOffAbout} />
            <SelectField className="mt-4" label={m.zone} value={draft.time_zone ?? ""} onChange={(e) => set({ time_zone: e.target.value || undefined })} options={[{ value: "", label: m.zoneOfOrganization(organization.data?.time_zone) }, ...zones.map((z) => ({ value: z, label: z }))]} />
          </div>
        </Section>
        <Hosts />
        <Section title={m.meeting}>
          <TextField className="border-b py-2.5" label={m.headlineLabel} hint={m.headlineHint} value={draft.headline ?? ""} maxLength={200} placeholder={m.headline(organizationName)} onChange={(e) => set({ headline: e.target.value || undefined })} />
          <Amount label={m.length} about={m.lengthAbout} unit={m.minutes} value={draft.slot_minutes} standard={30} min={5} max={480} onChange={(slot_minutes) => set({ slot_minutes })} />
          <Amount label={m.notice} about={never === "notice" ? m.noticeTooLong : m.noticeAbout} unit={m.minutes} value={draft.notice_minutes} standard={120} max={43_200} onChange={(notice_minutes) => set({ notice_minutes })} />
          <Amount label={m.bufferBefore} about={m.bufferAbout} unit={m.minutes} value={draft.buffer_before_minutes ?? 0} standard={0} max={240} onChange={(buffer_before_minutes) => set({ buffer_before_minutes })} />
          <Amount label={m.bufferAfter} about={m.bufferAfterAbout} unit={m.minutes} value={draft.buffer_after_minutes ?? 0} standard={0} max={240} onChange={(buffer_after_minutes) => set({ buffer_after_minutes })} />
          <Amount label={m.ahead} about={m.aheadAbout} unit={m.days} value={draft.days_ahead} standard={14} min={1} max={365} onChange={(days_ahead) => set({ days_ahead })} />
        </Section>
        {changed && may && (
          <div role="region" aria-label={w.campaigns.unsaved} className="sticky bottom-4 z-10 flex flex-wrap items-center gap-3 rounded-panel bg-surface-0 px-4 py-2.5 shadow-float">
            <span className="mr-auto">{saved ? w.campaigns.unsaved : m.notSetShort}</span>
            {saved && <Button onClick={() => setDraft(base)}>{w.campaigns.discard}</Button>}
            <Button look="primary" busy={save.isPending} why={never ? m.neverOffers : undefined} onClick={() => save.mutate(draft)}>
              {m.save}
            </Button>
          </div>
        )}
        {!may && !past && <p className="text-text-2">{w.states.missingPermission("organization:manage")}</p>}
      </fieldset>
      <section aria-label={m.whatVisitorsSee} className="min-w-0">
        <div className="flex min-h-8 items-center border-b pb-1">
          <h2 className="text-section font-semibold">{m.whatVisitorsSee}</h2>
        </div>
        <div className="mt-3 rounded-panel border p-5">
          <p className="text-page font-semibold break-words">{draft.headline || m.headline(organizationName)}</p>
          <p className="mt-1 text-text-2">{m.lengthAndZone(draft.slot_minutes, zone)}</p>
          {days.length === 0 && <p className="mt-4 text-text-2">{m.noTimes}</p>}
          {days.map((d) => (
            <div key={d.day.toISOString()} className="mt-4">
              <p className="font-medium">{formatDay(d.day, zone)}</p>
              <ul className="mt-1.5 flex flex-wrap gap-1.5">
                {d.slots.slice(0, 12).map((s) => (
                  <li key={s.toISOString()} className="rounded-control border border-control px-2 py-0.5 text-table">
                    {formatTime(s, zone)}
                  </li>
                ))}
                {d.slots.length > 12 && <li className="px-1 py-0.5 text-table text-text-3">{m.moreTimes(d.slots.length - 12)}</li>}
              </ul>
            </div>
          ))}
        </div>
        <p className="mt-2 text-meta text-text-3">{m.previewAbout}</p>
      </section>
    </div>
  );
}
