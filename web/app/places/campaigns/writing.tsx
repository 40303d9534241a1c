import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useSession } from "@/app/session";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { writing as words } from "@/words/en/campaign-writing";
import { dollars } from "@/words/format";
import { limitIn, places } from "@/app/places/settings/ai-rules";
import { campaignSpentOptions, campaignWritingOptions } from "./queries";
import { Switch } from "./setting";

type Writing = Required<Schemas["CampaignWriting"]>;
const standard: Writing = { off: false, instructions: "", refused: "wait", limit_micros: 0 };
const draftOf = (x?: Schemas["CampaignWriting"]): Writing => ({ ...standard, ...x });

/** How a language model writes the messages of a campaign: it has a save of its own. */
export function CampaignWritingSection({ id, may }: { id: string; may: boolean }) {
  const { org } = useSession();
  const asked = useQuery(campaignWritingOptions(org, id));
  const spent = useQuery(campaignSpentOptions(org, id));
  const [draft, setDraft] = useState(draftOf(asked.data));
  const [limit, setLimit] = useState(places(draft.limit_micros));
  const begin = (x?: Schemas["CampaignWriting"]) => {
    setDraft(draftOf(x));
    setLimit(places(x?.limit_micros ?? 0));
  };
  useEffect(() => begin(asked.data), [asked.data]);
  const save = useWrite({
    run: (body: Writing, header) => must(api.PUT("/v1/campaigns/{id}/writing", { params: { path: { id }, header }, body })),
    stale: () => [[org, "campaigns"]],
    done: () => void toast.say(words.saved),
  });
  const wrong = limitIn(limit) === undefined;
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
          <TextField
            className="py-3 sm:w-72"
            label={words.limit}
            hint={spent.data ? `${words.limitHint} ${words.spent(dollars(spent.data.total.cost_micros))}` : words.limitHint}
            inputMode="decimal"
            value={limit}
            error={wrong ? words.amount : undefined}
            onChange={(e) => {
              setLimit(e.target.value);
              set({ limit_micros: limitIn(e.target.value) ?? draft.limit_micros });
            }}
          />
        </>
      )}
      {may && asked.data && JSON.stringify(draft) !== JSON.stringify(draftOf(asked.data)) && <SaveBar label={words.save} busy={save.isPending} onDiscard={() => begin(asked.data)} onSave={() => !wrong && save.mutate(draft)} />}
    </Section>
  );
}
