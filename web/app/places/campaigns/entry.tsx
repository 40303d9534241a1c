import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useSession } from "@/app/session";
import { CheckField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { scores as s } from "@/words/en/scores";
import { campaignEntryOptions } from "./queries";
import { Amount } from "./setting";

type Entry = Schemas["CampaignEntry"];
const whole = (x: Entry) => ({ min_lead_score: 0, min_intent_score: 0, qualifications: [] as NonNullable<Entry["qualifications"]>, ...x });
const all = ["qualified", "needs_review", "unqualified"] as const;

/** Which people the campaign takes, by their scores: it has a save of its own. */
export function WhoIsTaken({ id, may }: { id: string; may: boolean }) {
  const { org } = useSession();
  const found = useQuery(campaignEntryOptions(org, id));
  const server = whole(found.data ?? {});
  const [draft, setDraft] = useState(server);
  const [wrong, setWrong] = useState("");
  useEffect(() => setDraft(whole(found.data ?? {})), [found.data]);
  const save = useWrite({
    run: (body: Entry, header) => must(api.PUT("/v1/campaigns/{id}/entry", { params: { path: { id }, header }, body })),
    stale: () => [
      [org, "campaigns"],
      [org, "enrollments"],
      [org, "plan"],
    ],
    done: () => {
      setWrong("");
      void toast.say(s.entrySaved);
    },
    onProblem: (p) => {
      const first = p.problem.errors?.[0];
      if (!first) return;
      setWrong(first.reason);
      return true;
    },
  });
  const set = (d: Partial<typeof draft>) => setDraft((x) => ({ ...x, ...d }));
  return (
    <Section title={s.entry}>
      <p className="max-w-[72ch] py-2 text-text-2">{s.entryAbout}</p>
      {found.isPending && <SkeletonRows rows={3} />}
      {found.isError && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <>
          <Amount label={s.entryLead} about={s.entryLeadAbout} unit={s.points_} value={draft.min_lead_score} standard={0} max={100} onChange={(min_lead_score) => set({ min_lead_score })} />
          <Amount label={s.entryIntent} about={s.entryIntentAbout} unit={s.points_} value={draft.min_intent_score} standard={0} max={100} onChange={(min_intent_score) => set({ min_intent_score })} />
          <fieldset className="grid items-center gap-x-6 gap-y-1 border-b py-2.5 sm:grid-cols-[minmax(0,1fr)_12rem]">
            <legend className="sr-only">{s.entryQualification}</legend>
            <span aria-hidden className="font-medium">
              {s.entryQualification}
            </span>
            <span className="flex flex-col gap-1">
              {all.map((q) => (
                <CheckField key={q} label={s.qualification[q]!} checked={draft.qualifications.includes(q)} onChange={(e) => set({ qualifications: all.filter((x) => (x === q ? e.target.checked : draft.qualifications.includes(x))) })} />
              ))}
            </span>
          </fieldset>
        </>
      )}
      {wrong && (
        <p role="alert" className="pt-2 text-table text-bad">
          {wrong} <PlaceLink to="/settings/scores">{s.setRules}</PlaceLink>
        </p>
      )}
      {may && found.data && JSON.stringify(draft) !== JSON.stringify(server) && <SaveBar label={s.entrySave} busy={save.isPending} onDiscard={() => setDraft(server)} onSave={() => save.mutate(draft)} />}
    </Section>
  );
}
