import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Page, Section } from "@/app/page";
import { Amount, Switch } from "@/app/places/campaigns/setting";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { pacing as p } from "@/words/en/pacing";
import { CapsRow, type Caps } from "./caps-row";
import { HolidayCountries } from "./holiday-countries";
import { pacingOptions } from "./queries";

type Pacing = Schemas["Pacing"];
const providers = ["google", "microsoft", "yahoo", "apple"];

/** What all mailboxes share: limits, how they share the work, public holidays. */
export function LimitsPage() {
  const { org } = useSession();
  const asked = useQuery(pacingOptions(org));
  return (
    <Page title={p.title}>
      <div className="flex max-w-4xl min-w-0 flex-col gap-8 px-4 pb-10 sm:px-6">
        <p className="max-w-[72ch] text-text-2">{p.about}</p>
        {asked.isPending && <SkeletonRows />}
        {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
        {asked.data && <LimitsForm server={asked.data} />}
        <HolidayCountries />
      </div>
    </Page>
  );
}

/** Without `domains` a provider keeps those that it has; one that has some isn't left out, even without a limit. */
const inputOf = (d: Pacing): Schemas["PacingInput"] => ({
  ...d,
  providers: d.providers.filter((x) => x.domains || x.per_day || x.per_24h || x.per_hour).map(({ provider, per_day, per_24h, per_hour }) => ({ provider, per_day, per_24h, per_hour })),
});

function LimitsForm({ server }: { server: Pacing }) {
  const { org } = useSession();
  const past = !!useAt();
  const may = useMay("organization:manage") && !past;
  const [draft, setDraft] = useState(server);
  useEffect(() => setDraft(server), [server]);
  const save = useWrite({
    run: (d: Pacing, header) => must(api.PUT("/v1/pacing", { params: { header }, body: inputOf(d) })),
    stale: () => [
      [org, "mailboxes"],
      [org, "plan"],
    ],
    done: () => void toast.say(p.saved),
  });
  const set = (d: Partial<Pacing>) => setDraft((x) => ({ ...x, ...d }));
  const of = (name: string): Caps => draft.providers.find((x) => x.provider === name) ?? {};
  const setProvider = (name: string, caps: Caps) => set({ providers: [...draft.providers.filter((x) => x.provider !== name), { domains: 0, ...of(name), ...caps, provider: name }] });
  const changed = JSON.stringify(inputOf(draft)) !== JSON.stringify(inputOf(server));
  return (
    <fieldset disabled={!may} className="flex min-w-0 flex-col gap-8">
      <Section title={p.title}>
        <CapsRow label={p.organization} caps={draft.organization} onChange={(organization) => set({ organization })} />
        <CapsRow label={p.sendingDomain} caps={draft.sending_domain} onChange={(sending_domain) => set({ sending_domain })} />
        <CapsRow label={p.recipientDomain} caps={draft.recipient_domain} onChange={(recipient_domain) => set({ recipient_domain })} />
        <p className="pt-1 text-meta text-text-3">{p.noLimit}</p>
      </Section>
      <Section title={p.providers}>
        <p className="py-2 text-text-2">{p.providersAbout}</p>
        {providers.map((name) => (
          <CapsRow key={name} label={p.providerNames[name] ?? name} caps={of(name)} onChange={(caps) => setProvider(name, caps)} />
        ))}
      </Section>
      <Section title={p.sharing}>
        <Switch label={p.rotate} about={p.rotateAbout} on={draft.rotate} standard={false} onChange={(rotate) => set({ rotate })} />
        <Switch label={p.match} about={p.matchAbout} on={draft.match_provider} standard={false} onChange={(match_provider) => set({ match_provider })} />
        <Amount label={p.handOver} about={p.handOverAbout} unit={p.unitDays} value={draft.hand_over_days} standard={0} max={60} onChange={(hand_over_days) => set({ hand_over_days })} />
      </Section>
      {changed && may && <SaveBar label={p.save} busy={save.isPending} onDiscard={() => setDraft(server)} onSave={() => save.mutate(draft)} />}
    </fieldset>
  );
}
