import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useSession } from "@/app/session";
import { SelectField, TextArea } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { writing as words } from "@/words/en/campaign-writing";
import { campaignWritingOptions } from "./queries";
import { Switch } from "./setting";

type Writing = Required<Schemas["CampaignWriting"]>;
const standard: Writing = { off: false, instructions: "", refused: "wait" };
const draftOf = (x?: Schemas["CampaignWriting"]): Writing => ({ ...standard, ...x });

/** How a language model writes the messages of a campaign: it has a save of its own. */
export function CampaignWritingSection({ id, may }: { id: string; may: boolean }) {
  const { org } = useSession();
  const asked = useQuery(campaignWritingOptions(org, id));
  const [draft, setDraft] = useState(draftOf(asked.data));
  useEffect(() => setDraft(draftOf(asked.data)), [asked.data]);
  const save = useWrite({
    run: (body: Writing, header) => must(api.PUT("/v1/campaigns/{id}/writing", { params: { path: { id }, header }, body })),
    stale: () => [[org, "campaigns"]],
    done: () => void toast.say(words.saved),
  });
  const set = (d: Partial<Writing>) => setDraft((x) => ({ ...x, ...d }));
  return (
    <Section title={words.title}>
      {asked.isPending && <SkeletonRows rows={3} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.data && (
        <>
          <Switch label={words.on} about={words.onAbout} on={!draft.off} standard onChange={(on) => set({ off: !on })} />
          {!draft.off && (
            <>
              <div className="grid gap-2 border-b py-3 sm:grid-cols-[minmax(0,1fr)_12rem] sm:items-center">
                <div>
                  <p className="font-medium">{words.refused}</p>
                  <p className="text-table text-text-2">{words.refusedAbout[draft.refused]}</p>
                </div>
                <SelectField hideLabel label={words.refused} value={draft.refused} onChange={(e) => set({ refused: e.target.value as Writing["refused"] })} options={Object.entries(words.refusals).map(([value, label]) => ({ value, label }))} />
              </div>
              <TextArea className="py-3" label={words.instructions} hint={words.instructionsHint} rows={4} maxLength={2000} value={draft.instructions} onChange={(e) => set({ instructions: e.target.value })} />
            </>
          )}
        </>
      )}
      {may && asked.data && JSON.stringify(draft) !== JSON.stringify(draftOf(asked.data)) && <SaveBar label={words.save} busy={save.isPending} onDiscard={() => setDraft(draftOf(asked.data))} onSave={() => save.mutate(draft)} />}
    </Section>
  );
}
