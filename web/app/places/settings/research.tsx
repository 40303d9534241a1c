import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { Amount, Switch } from "@/app/places/campaigns/setting";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { researchSettings as s } from "@/words/en/settings-research";
import { Body } from "./row";
import { SearchSection } from "./search";

type Settings = Required<Schemas["ResearchSettings"]>;
const standard: Settings = { off: false, pages_a_site: 6, pages_per_day: 2000, keep_days: 30 };
const draftOf = (x?: Schemas["ResearchSettings"]): Settings => ({ ...standard, ...x });

const settingsOptions = (org: string) => queryOptions({ queryKey: [org, "organization", "research"], queryFn: () => must(api.GET("/v1/research/settings")) });

/** How web sites of companies are read: what of them, how much of it a day, and how long pages are kept. */
export default function ResearchSettingsSection() {
  const { org } = useSession();
  const can = useCan("organization:manage");
  const asked = useQuery(settingsOptions(org));
  const [draft, setDraft] = useState(draftOf(asked.data));
  useEffect(() => setDraft(draftOf(asked.data)), [asked.data]);
  const save = useWrite({
    run: (body: Settings, header) => must(api.PUT("/v1/research/settings", { params: { header }, body })),
    stale: () => [[org, "organization"]],
    done: () => void toast.say(s.saved),
  });
  const set = (d: Partial<Settings>) => setDraft((x) => ({ ...x, ...d }));
  if (asked.error) return <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <SkeletonRows rows={4} />;
  return (
    <Body>
      <Section title={s.reading}>
        <fieldset disabled={!can}>
          <Switch label={s.on} about={s.onAbout} on={!draft.off} standard onChange={(on) => set({ off: !on })} />
          <Amount label={s.perSite} about={s.perSiteAbout} unit={s.pages} value={draft.pages_a_site} standard={standard.pages_a_site} min={1} max={20} onChange={(pages_a_site) => set({ pages_a_site })} />
          <Amount label={s.perDay} about={s.perDayAbout} unit={s.pages} value={draft.pages_per_day} standard={standard.pages_per_day} max={100_000} onChange={(pages_per_day) => set({ pages_per_day })} />
          <Amount label={s.keep} about={s.keepAbout} unit={s.days} value={draft.keep_days} standard={standard.keep_days} max={365} onChange={(keep_days) => set({ keep_days })} />
        </fieldset>
        <p className="max-w-[72ch] pt-3 text-table text-text-3">{s.campaigns}</p>
      </Section>
      <SearchSection off={asked.data.off ?? false} />
      {can && JSON.stringify(draft) !== JSON.stringify(draftOf(asked.data)) && <SaveBar label={s.save} busy={save.isPending} onDiscard={() => setDraft(draftOf(asked.data))} onSave={() => save.mutate(draft)} />}
    </Body>
  );
}
