import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { connectionsOptions } from "@/app/places/meetings/connections";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useMay, useSession } from "@/app/session";
import { SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { bookingPages as b } from "@/words/en/booking-pages";
import type { Campaign } from "./queries";

type Booking = Schemas["CampaignBooking"];
const services = ["calendly", "calcom"] as const;

/** On whose page people of a campaign book: it has a save of its own. */
export function BookingPage({ campaign, may }: { campaign: Campaign; may: boolean }) {
  const { org } = useSession();
  const manage = useMay("integrations:manage");
  const connections = useQuery({ ...connectionsOptions(org), enabled: manage });
  const server: Booking = campaign.booking ?? {};
  const [draft, setDraft] = useState(server);
  const key = JSON.stringify(server);
  useEffect(() => setDraft(JSON.parse(key) as Booking), [key]);
  const save = useWrite({
    run: (body: Booking, header) => must(api.PUT("/v1/campaigns/{id}/booking", { params: { path: { id: campaign.id }, header }, body })),
    stale: () => [[org, "campaigns"]],
    done: () => void toast.say(b.saved),
  });
  const name = draft.service && b.names[draft.service];
  const connection = connections.data?.find((c) => c.provider === draft.service);
  const wrong = !!draft.service && !!draft.page && !draft.page.startsWith("https://");
  return (
    <Section title={b.title}>
      <p className="py-2 text-text-2">{b.about}</p>
      <div className="grid gap-4 sm:grid-cols-[14rem_minmax(0,1fr)]">
        <SelectField
          label={b.where}
          value={draft.service ?? ""}
          onChange={(e) => setDraft(e.target.value ? { service: e.target.value as Booking["service"], page: draft.page } : {})}
          options={[{ value: "", label: b.own }, ...services.map((s) => ({ value: s, label: b.names[s]! }))]}
        />
        {draft.service && (
          <TextField
            type="url"
            label={b.page}
            hint={b.pageHint[draft.service]}
            error={wrong ? b.pageWrong : undefined}
            value={draft.page ?? ""}
            maxLength={500}
            onChange={(e) => setDraft({ ...draft, page: e.target.value.trim() })}
          />
        )}
      </div>
      <p className="pt-2 text-table text-text-2">
        {!name ? b.ownAbout : !connections.data || connection?.state === "connected" ? b.serviceAbout(name) : connection?.state === "needs_you" ? b.needsYou(name) : connection ? b.serviceAbout(name) : b.notConnected(name)}{" "}
        {name && connections.data && connection?.state !== "connected" && connection?.state !== "paused" && <Go path="/settings/integrations">{connection ? b.mend : b.connect}</Go>}
      </p>
      {may && JSON.stringify(draft) !== key && (
        <SaveBar label={b.save} busy={save.isPending} onDiscard={() => setDraft(server)} onSave={() => (draft.service && (!draft.page || wrong) ? undefined : save.mutate(draft))} />
      )}
    </Section>
  );
}
