import { lazy, Suspense, useState } from "react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { versions } from "@/words/en/versions";
import type { Campaign, Enrollment } from "./queries";

const MoveChosen = lazy(async () => ({ default: (await loadPart(() => import("./move"))).MoveChosen }));

type What = "pause" | "resume" | "stop";

/** What can be done with the people that are selected, and to how many of them. */
export function PeopleBar({ campaign, chosen, onDone }: { campaign: Campaign; chosen: Enrollment[]; onDone: () => void }) {
  const { org } = useSession();
  const [stopping, setStopping] = useState(false);
  const [moving, setMoving] = useState(false);
  const run = useWrite({
    run: async ({ what, ids }: { what: What; ids: string[] }, header) => {
      const path = { id: campaign.id };
      for (let i = 0; i < ids.length; i += 500) {
        const body = { lead_ids: ids.slice(i, i + 500) };
        const params = { path, header: { "Idempotency-Key": `${header["Idempotency-Key"]}-${i}` } };
        if (what === "pause") await must(api.POST("/v1/campaigns/{id}/enrollments/pause", { params, body }));
        else if (what === "resume") await must(api.POST("/v1/campaigns/{id}/enrollments/resume", { params, body }));
        else await must(api.POST("/v1/campaigns/{id}/enrollments/stop", { params, body }));
      }
    },
    stale: () => [
      [org, "enrollments"],
      [org, "campaigns"],
    ],
    done: ({ what, ids }) => {
      const n = ids.length;
      if (what === "pause") toast.say(w.campaigns.pausedPeople(n), () => run.mutate({ what: "resume", ids }));
      else if (what === "resume") toast.say(w.campaigns.resumedPeople(n), () => run.mutate({ what: "pause", ids }));
      else toast.say(w.campaigns.stoppedPeople(n));
      onDone();
    },
  });
  const of = (states: string[]) => chosen.filter((e) => states.includes(e.state)).map((e) => e.lead_id);
  const toPause = of(["active", "deferred"]);
  const toResume = of(["paused"]);
  const toStop = of(["active", "deferred", "paused"]);
  const behind = new Set(chosen.filter((e) => e.steps_version < campaign.steps_version).map((e) => e.lead_id));
  const toMove = campaign.status === "completed" || campaign.archived_at ? [] : toStop.filter((id) => behind.has(id));
  return (
    <div role="region" aria-label={w.campaigns.bulk} className="flex flex-wrap items-center gap-2 border-y bg-accent-soft px-4 py-1.5 sm:px-6">
      <span className="mr-2 text-table font-medium">{w.table.selected(chosen.length)}</span>
      {toPause.length > 0 && (
        <Button size="small" busy={run.isPending} onClick={() => run.mutate({ what: "pause", ids: toPause })}>
          {w.campaigns.pausePeople(toPause.length)}
        </Button>
      )}
      {toResume.length > 0 && (
        <Button size="small" busy={run.isPending} onClick={() => run.mutate({ what: "resume", ids: toResume })}>
          {w.campaigns.resumePeople(toResume.length)}
        </Button>
      )}
      {toStop.length > 0 && (
        <Button size="small" look="danger" onClick={() => setStopping(true)}>
          {w.campaigns.stopPeople(toStop.length)}
        </Button>
      )}
      {toMove.length > 0 && (
        <Button size="small" onClick={() => setMoving(true)}>
          {versions.open(toMove.length, campaign.steps_version)}
        </Button>
      )}
      <Button size="small" look="quiet" onClick={onDone}>
        {w.campaigns.unselect}
      </Button>
      {moving && (
        <Suspense>
          <MoveChosen campaign={campaign} leads={toMove} onClose={() => setMoving(false)} onDone={onDone} />
        </Suspense>
      )}
      <Modal
        open={stopping}
        onClose={() => setStopping(false)}
        title={w.campaigns.stopTitle(toStop.length)}
        about={w.campaigns.stopAbout}
        footer={
          <>
            <Button onClick={() => setStopping(false)}>{w.campaigns.cancel}</Button>
            <Button look="danger" busy={run.isPending} onClick={() => run.mutate({ what: "stop", ids: toStop })}>
              {w.campaigns.stopPeople(toStop.length)}
            </Button>
          </>
        }
      />
    </div>
  );
}
