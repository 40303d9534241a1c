import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { match } from "./actions";
import { BookingPage } from "./booking-page";
import { Holidays } from "./holidays";
import { rebase } from "./rebase";
import { Senders } from "./senders";
import { CampaignResearchSection } from "./research";
import { CampaignWritingSection } from "./writing";
import { WhoIsTaken } from "./entry";
import { Sharing } from "./sharing";
import type { Campaign } from "./queries";
import { Amount, Switch } from "./setting";
import { WeekGrid } from "./week-grid";

const Forecast = lazy(() => loadPart(() => import("./forecast")));

type Settings = Schemas["CampaignSettings"];
export type Draft = Settings & { start_date: string; end_date: string; approval: Schemas["Approval"]; approval_sample?: number; approval_below?: number };

const draftOf = (c: Campaign): Draft => ({ ...c.settings, start_date: c.start_date ?? "", end_date: c.end_date ?? "", approval: c.approval, approval_sample: c.approval_sample, approval_below: c.approval_below });
const approvalOf = (approval: Draft["approval"]): Partial<Draft> => ({ approval, approval_sample: approval === "sample" ? 20 : undefined, approval_below: approval === "doubtful" ? 80 : approval === "low_score" ? 50 : undefined });
const zones = Intl.supportedValuesOf("timeZone");

/** When and how much is sent. One save for all of it, which holds at once. */
export default function Schedule({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const client = useQueryClient();
  const past = !!useAt();
  const may = useMay("campaigns:write") && !past && campaign.status !== "completed" && !campaign.archived_at;
  const server = useMemo(() => draftOf(campaign), [campaign]);
  const [base, setBase] = useState(server);
  const [draft, setDraft] = useState(server);
  const [problem, setProblem] = useState<ProblemError>();
  const changed = JSON.stringify(draft) !== JSON.stringify(base);
  useEffect(() => {
    // What nobody has touched here follows the server; what is typed stays.
    setDraft((d) => rebase(d, base, server));
    setBase(server);
  }, [server]);
  const save = useWrite({
    run: async (d: Draft, header) => {
      const { start_date, end_date, approval, approval_sample, approval_below, ...settings } = d;
      const params = { path: { id: campaign.id } };
      let result: Campaign = campaign;
      const was = draftOf(campaign);
      if (start_date !== was.start_date || end_date !== was.end_date || approval !== was.approval || approval_sample !== was.approval_sample || approval_below !== was.approval_below) {
        const dates = { start_date: start_date || null, end_date: end_date || null, approval, ...(approval === "sample" ? { approval_sample } : approval === "doubtful" || approval === "low_score" ? { approval_below } : {}) };
        const r = await must(api.PATCH("/v1/campaigns/{id}", { params: { ...params, header: { "Idempotency-Key": header["Idempotency-Key"] + "-dates", ...match(campaign.version) } }, body: dates }));
        if ("version" in r) result = r as Campaign;
      }
      if (!settings.time_zone) delete settings.time_zone;
      const r = await must(api.PUT("/v1/campaigns/{id}/settings", { params: { ...params, header: { ...header, ...match(result.version) } }, body: settings }));
      return "version" in r ? (r as Campaign) : result;
    },
    stale: () => [
      [org, "campaigns"],
      [org, "plan"],
    ],
    done: () => {
      setProblem(undefined);
      toast.say(w.campaigns.scheduleSaved);
    },
    onProblem: (err) => {
      // Somebody was quicker: theirs comes in where nothing was typed here, and what was typed stays.
      if (err.status === 412) void client.invalidateQueries({ queryKey: [org, "campaigns"] });
      setProblem(err);
      return true;
    },
  });
  const set = (d: Partial<Draft>) => setDraft((old) => ({ ...old, ...d }));
  const s = w.campaigns;
  return (
    <>
    <fieldset disabled={!may} className="flex max-w-4xl min-w-0 flex-col gap-8 px-4 py-5 sm:px-6">
      {problem && (problem.status === 412 ? <p role="alert" className="rounded-panel bg-warn-soft p-3">{s.changedMeanwhile}</p> : <ProblemNote error={problem} />)}
      <Section title={s.window}>
        <p className="py-2 text-text-2">{s.windowAbout}</p>
        <WeekGrid window={draft.window} onChange={(window) => set({ window })} disabled={!may} />
        <div className="mt-4 grid gap-4 sm:grid-cols-3">
          <TextField type="time" label={s.from} value={draft.window.from} onChange={(e) => set({ window: { ...draft.window, from: e.target.value } })} />
          <TextField type="time" label={s.to} value={draft.window.to === "24:00" ? "23:59" : draft.window.to} onChange={(e) => set({ window: { ...draft.window, to: e.target.value } })} />
          <SelectField label={s.zone} hint={s.zoneHint} value={draft.time_zone ?? ""} onChange={(e) => set({ time_zone: e.target.value || undefined })} options={[{ value: "", label: s.zoneOfCampaign(campaign.time_zone) }, ...zones.map((z) => ({ value: z, label: z }))]} />
        </div>
      </Section>
      <Section title={s.days}>
        <div className="grid gap-4 pt-3 sm:grid-cols-2">
          <TextField type="date" label={s.firstDay} hint={s.firstDayHint} value={draft.start_date} onChange={(e) => set({ start_date: e.target.value })} />
          <TextField type="date" label={s.lastDay} hint={s.lastDayHint} value={draft.end_date} min={draft.start_date} onChange={(e) => set({ end_date: e.target.value })} />
        </div>
        <Holidays days={draft.holidays ?? []} onChange={(holidays) => set({ holidays })} may={may} />
      </Section>
      <Section title={s.limits}>
        <Amount label={s.followUpDays} about={s.followUpDaysAbout} unit={s.unitDays} value={draft.follow_up_days} standard={2} max={365} onChange={(follow_up_days) => set({ follow_up_days })} />
        <Amount label={s.maxFollowUps} about={s.maxFollowUpsAbout} unit={s.unitSteps} value={draft.max_follow_ups} standard={4} max={19} onChange={(max_follow_ups) => set({ max_follow_ups })} />
        <Amount label={s.companyCap} about={s.companyCapAbout} unit={s.unitPeople} value={draft.company_cap} standard={5} max={1000} onChange={(company_cap) => set({ company_cap })} />
        <Amount label={s.companyGap} about={s.companyGapAbout} unit={s.unitMinutes} value={draft.company_gap_minutes} standard={30} max={1440} onChange={(company_gap_minutes) => set({ company_gap_minutes })} />
        <Switch label={s.stopOnCompany} about={s.stopOnCompanyAbout} on={draft.stop_on_company} standard={false} onChange={(stop_on_company) => set({ stop_on_company })} />
        <Switch label={s.keepOpen} about={s.keepOpenAbout} on={draft.keep_open} standard={false} onChange={(keep_open) => set({ keep_open })} />
      </Section>
      <Section title={s.mail}>
        <div className="grid gap-2 border-b py-3 sm:grid-cols-[minmax(0,1fr)_12rem] sm:items-center">
          <div>
            <p className="font-medium">{s.approval}</p>
            <p className="text-table text-text-2">{s.approvalAbout[draft.approval]}</p>
          </div>
          <SelectField hideLabel label={s.approval} value={draft.approval} onChange={(e) => set(approvalOf(e.target.value as Draft["approval"]))} options={(["none", "first", "all", "sample", "doubtful", "low_score"] as const).map((v) => ({ value: v, label: s.approvals[v]! }))} />
        </div>
        {draft.approval === "sample" && <Amount label={s.approvalSample} about={s.approvalSampleAbout} unit="%" value={draft.approval_sample ?? 20} standard={20} min={1} max={99} onChange={(approval_sample) => set({ approval_sample })} />}
        {draft.approval === "doubtful" && <Amount label={s.approvalBelow} about={s.approvalBelowAbout} unit="%" value={draft.approval_below ?? 80} standard={80} min={1} max={100} onChange={(approval_below) => set({ approval_below })} />}
        {draft.approval === "low_score" && <Amount label={s.approvalScore} about={s.approvalScoreAbout} unit="" value={draft.approval_below ?? 50} standard={50} min={1} max={100} onChange={(approval_below) => set({ approval_below })} />}
        <Switch label={s.footer} about={s.footerAbout} on={draft.unsubscribe_footer} standard onChange={(unsubscribe_footer) => set({ unsubscribe_footer })} />
        <Switch label={s.trackOpens} about={s.trackOpensAbout} on={draft.track_opens} standard={false} onChange={(track_opens) => set({ track_opens })} />
        <Switch label={s.trackClicks} about={s.trackClicksAbout} on={draft.track_clicks} standard={false} onChange={(track_clicks) => set({ track_clicks })} />
      </Section>
      <BookingPage campaign={campaign} may={may} />
      {!past && <Sharing id={campaign.id} may={may} />}
      {!past && <CampaignResearchSection id={campaign.id} may={may} />}
      {!past && <CampaignWritingSection id={campaign.id} may={may} />}
      {!past && <WhoIsTaken id={campaign.id} may={may} />}
      <Senders campaign={campaign} may={may} />
      {changed && may && (
        <div role="region" aria-label={s.unsaved} className="sticky bottom-4 z-10 flex flex-wrap items-center gap-3 rounded-panel bg-surface-0 px-4 py-2.5 shadow-float">
          <span className="mr-auto">{s.unsaved}</span>
          <Button onClick={() => setDraft(base)}>{s.discard}</Button>
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate(draft)}>
            {campaign.launched_at ? s.saveLive : s.saveSchedule}
          </Button>
        </div>
      )}
    </fieldset>
      {!past && (
        <div className="max-w-4xl px-4 pb-8 sm:px-6">
          <Suspense fallback={<SkeletonRows rows={4} />}>
            <Forecast campaign={campaign} />
          </Suspense>
        </div>
      )}
    </>
  );
}
