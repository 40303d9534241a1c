import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useSession } from "@/app/session";
import { WindowsEdit } from "@/app/windows-edit";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { pacing as p } from "@/words/en/pacing";
import { campaignPacingOptions } from "./queries";
import { Amount, Switch } from "./setting";

type Pacing = Schemas["CampaignPacing"];
const whole = (x: Pacing) => ({ new_people_per_day: 0, new_people_first: false, more_windows: [], campaign_windows: [], ignore_public_holidays: false, ...x });

/** How a campaign shares what its mailboxes can send: it has a save of its own. */
export function Sharing({ id, may }: { id: string; may: boolean }) {
  const { org } = useSession();
  const asked = useQuery(campaignPacingOptions(org, id));
  const server = whole(asked.data ?? {});
  const [draft, setDraft] = useState(server);
  useEffect(() => setDraft(whole(asked.data ?? {})), [asked.data]);
  const save = useWrite({
    run: (body: Pacing, header) => must(api.PUT("/v1/campaigns/{id}/pacing", { params: { path: { id }, header }, body })),
    stale: () => [
      [org, "campaigns"],
      [org, "plan"],
    ],
    done: () => void toast.say(p.campaignSaved),
  });
  const set = (d: Partial<typeof draft>) => setDraft((x) => ({ ...x, ...d }));
  return (
    <Section title={p.campaign}>
      {asked.isPending && <SkeletonRows rows={4} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.data && (
        <>
          <Amount label={p.newPeople} about={p.newPeopleAbout} unit={p.unitPeople} value={draft.new_people_per_day} standard={0} max={10_000_000} onChange={(new_people_per_day) => set({ new_people_per_day })} />
          <Switch label={p.newFirst} about={p.newFirstAbout} on={draft.new_people_first} standard={false} onChange={(new_people_first) => set({ new_people_first })} />
          <Switch label={p.ignoreHolidays} about={p.ignoreHolidaysAbout} on={draft.ignore_public_holidays} standard={false} onChange={(ignore_public_holidays) => set({ ignore_public_holidays })} />
          <WindowsEdit label={p.moreWindows} about={p.moreWindowsAbout} windows={draft.more_windows} onChange={(more_windows) => set({ more_windows })} may={may} />
          <WindowsEdit label={p.campaignWindows} about={p.campaignWindowsAbout} windows={draft.campaign_windows} onChange={(campaign_windows) => set({ campaign_windows })} may={may} />
        </>
      )}
      {may && asked.data && JSON.stringify(draft) !== JSON.stringify(server) && <SaveBar label={p.saveCampaign} busy={save.isPending} onDiscard={() => setDraft(server)} onSave={() => save.mutate(draft)} />}
    </Section>
  );
}
