import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { research as words } from "@/words/en/research";
import { campaignResearchOptions } from "./queries";
import { Amount, Switch } from "./setting";

type CampaignResearch = Schemas["CampaignResearch"];
const standard: CampaignResearch = { on: false, wait_minutes: 60, pages_per_day: 0 };

/** Whether the companies of its people are looked at: it has a save of its own. */
export function CampaignResearchSection({ id, may }: { id: string; may: boolean }) {
  const { org } = useSession();
  const asked = useQuery(campaignResearchOptions(org, id));
  const server = asked.data ?? standard;
  const [draft, setDraft] = useState(server);
  useEffect(() => setDraft(asked.data ?? standard), [asked.data]);
  const save = useWrite({
    run: (body: CampaignResearch, header) => must(api.PUT("/v1/campaigns/{id}/research", { params: { path: { id }, header }, body })),
    stale: () => [[org, "campaigns"]],
    done: () => void toast.say(words.saved),
  });
  const set = (d: Partial<CampaignResearch>) => setDraft((x) => ({ ...x, ...d }));
  return (
    <Section title={words.campaign}>
      {asked.isPending && <SkeletonRows rows={3} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.data && (
        <>
          <Switch label={words.on} about={words.onAbout} on={draft.on} standard={standard.on} onChange={(on) => set({ on })} />
          <Amount label={words.wait} about={words.waitAbout} unit={words.minutes} value={draft.wait_minutes} standard={standard.wait_minutes} max={1440} onChange={(wait_minutes) => set({ wait_minutes })} />
          <Amount label={words.perDay} about={words.perDayAbout} unit={words.pagesUnit} value={draft.pages_per_day} standard={standard.pages_per_day} max={100_000} onChange={(pages_per_day) => set({ pages_per_day })} />
        </>
      )}
      {may && asked.data && JSON.stringify(draft) !== JSON.stringify(server) && <SaveBar label={words.save} busy={save.isPending} onDiscard={() => setDraft(server)} onSave={() => save.mutate(draft)} />}
    </Section>
  );
}
