import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useCampaigns, useMailboxes } from "@/app/names";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { WhyOf } from "@/app/why";
import { Button } from "@/ui/button";
import { Chip, type Tone } from "@/ui/chip";
import { Modal } from "@/ui/overlay";
import { ProblemNote } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { reasonInWords } from "@/words/en/lead-state";
import { leadEnrollmentsOptions, type Lead } from "./queries";

const tones: Record<string, Tone> = { active: "accent", deferred: "warn", paused: "warn", stopped: "plain", completed: "good" };

/** Every campaign the person is on, what comes next there, and why it isn't sent yet. */
export function Enrollments({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const list = useQuery(leadEnrollmentsOptions(org, lead.id));
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return null;
  return (
    <Section title={w.leads.enrollments}>
      {list.data.length === 0 ? <p className="py-2 text-text-2">{w.leads.notEnrolled}</p> : <ul>{list.data.map((e) => <Row key={e.id} enrollment={e} />)}</ul>}
    </Section>
  );
}

function Row({ enrollment: e }: { enrollment: Schemas["Enrollment"] }) {
  const campaign = useCampaigns().find((c) => c.id === e.campaign_id);
  const mailbox = useMailboxes().find((m) => m.id === e.mailbox_id);
  const goesOn = e.state === "active" || e.state === "deferred" || e.state === "paused";
  const [why, setWhy] = useState(false);
  const may = useMay("campaigns:write") && !useAt();
  const mayWhy = useMay("campaigns:read");
  return (
    <li className="border-b py-2 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <PlaceLink to={`/campaigns/${e.campaign_id}`}>{campaign?.name ?? w.leads.campaignField}</PlaceLink>
        <Chip tone={tones[e.state] ?? "plain"}>{w.leads.enrollmentState[e.state] ?? e.state}</Chip>
        {e.steps > 0 && <span className="text-text-2">{w.leads.step(e.step, e.steps)}</span>}
        {e.reason && <span className="text-text-3">{reasonInWords(e.reason)}</span>}
        {e.paused_until && <Time at={e.paused_until} />}
        {mailbox?.address && <span className="min-w-0 truncate text-table text-text-3">{w.leads.from(mailbox.address)}</span>}
        <span className="ml-auto flex gap-1">
          {goesOn && mayWhy && (
            <Button size="small" look="quiet" aria-expanded={why} onClick={() => setWhy(!why)}>
              {w.leads.why}
            </Button>
          )}
          {may && goesOn && <Change enrollment={e} />}
        </span>
      </div>
      {why && (
        <div className="mt-2 border-l pl-4">
          <WhyOf of={{ enrollment: e.id }} />
        </div>
      )}
    </li>
  );
}

function Change({ enrollment: e }: { enrollment: Schemas["Enrollment"] }) {
  const { org } = useSession();
  const [stopping, setStopping] = useState(false);
  const change = useWrite({
    run: (what: "pause" | "resume" | "stop", header) => must(api.POST(`/v1/campaigns/{id}/enrollments/${what}` as "/v1/campaigns/{id}/enrollments/resume", { params: { path: { id: e.campaign_id }, header }, body: { lead_ids: [e.lead_id] } })),
    stale: () => [[org, "leads"], [org, "enrollments"], [org, "campaigns"]],
    done: (what) => {
      setStopping(false);
      if (what === "pause") toast.say(w.leads.paused, () => change.mutate("resume"));
      if (what === "resume") toast.say(w.leads.resumed, () => change.mutate("pause"));
    },
  });
  return (
    <>
      <Button size="small" look="quiet" busy={change.isPending} onClick={() => change.mutate(e.state === "paused" ? "resume" : "pause")}>
        {e.state === "paused" ? w.leads.resume : w.leads.pause}
      </Button>
      <Button size="small" look="quiet" onClick={() => setStopping(true)}>
        {w.leads.stop}
      </Button>
      <Modal
        open={stopping}
        onClose={() => setStopping(false)}
        title={w.leads.stopTitle}
        about={w.leads.stopAbout}
        footer={
          <>
            <Button onClick={() => setStopping(false)}>{w.leads.cancel}</Button>
            <Button look="danger" busy={change.isPending} onClick={() => change.mutate("stop")}>
              {w.leads.stopDo}
            </Button>
          </>
        }
      />
    </>
  );
}
