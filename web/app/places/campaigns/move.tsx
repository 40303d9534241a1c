import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { versions as s } from "@/words/en/versions";
import type { Campaign } from "./queries";

type Moves = Schemas["CampaignMigration"];
type Asked = Schemas["CampaignMigrationCreate"];

/** People of one request. */
const most = 5000;

export const migrate = async (id: string, body: Asked, key?: string): Promise<Moves> => {
  const r = await must(api.POST("/v1/campaigns/{id}/migrations", { params: { path: { id }, header: key ? { "Idempotency-Key": key } : {} }, body }));
  if (!("movable" in r)) throw new Error("not decided yet");
  return r;
};

/** Lets people whom somebody has chosen go on with the newest version, after a look at what would become of each. */
export function MoveChosen({ campaign, leads, onClose, onDone }: { campaign: Campaign; leads: string[]; onClose: () => void; onDone: () => void }) {
  const { org } = useSession();
  const chosen = [...leads].sort().slice(0, most);
  const dry = useQuery({ queryKey: [org, "enrollments", campaign.id, "migration", campaign.steps_version, chosen], staleTime: 0, queryFn: () => migrate(campaign.id, { dry_run: true, lead_ids: chosen }) });
  if (dry.data) return <Move campaign={campaign} moves={dry.data} leads={chosen} onClose={onClose} onDone={onDone} />;
  return (
    <Confirm title={s.chosen(chosen.length, campaign.steps_version)} action={s.move(chosen.length, campaign.steps_version)} why={s.looking} busy={false} onDo={() => undefined} onClose={onClose}>
      {dry.error ? <ProblemNote error={dry.error} onRetry={() => void dry.refetch()} /> : <SkeletonRows rows={2} />}
    </Confirm>
  );
}

/** Asks whether people should go on with the newest version: all of the campaign who can, or some. */
export function Move({ campaign, moves: d, leads, onClose, onDone = onClose }: { campaign: Campaign; moves: Moves; leads?: string[]; onClose: () => void; onDone?: () => void }) {
  const { org } = useSession();
  const [done, setDone] = useState(0);
  const move = useWrite({
    run: async (_: void, header) => {
      let moved = 0;
      for (let n = 0; n < 200; n++) {
        const r = await migrate(campaign.id, { dry_run: false, lead_ids: leads }, `${header["Idempotency-Key"]}-${n}`);
        moved += r.moved;
        setDone(moved);
        if (r.remaining === 0 || r.moved === 0) break;
      }
      return moved;
    },
    stale: () => [
      [org, "enrollments"],
      [org, "campaigns"],
    ],
    done: (_, moved) => {
      toast.say(s.moved(moved, d.to_version));
      onDone();
    },
  });
  const nameOf = (id: string) => {
    const i = campaign.steps.findIndex((x) => x.step_id === id);
    return s.stepN(i + 1, campaign.steps[i]?.variants[0]?.subject ?? "");
  };
  const kept = d.kept.reduce((n, k) => n + k.people, 0);
  const there = leads ? leads.length - d.movable - kept : 0; // the newest already, or at their end
  return (
    <Confirm title={s.ask(d.movable, d.to_version)} about={s.about} action={s.move(d.movable, d.to_version)} why={d.movable === 0 ? s.nobody : undefined} busy={move.isPending} onDo={() => move.mutate()} onClose={onClose}>
      <ul className="flex flex-col gap-1">
        {d.groups.map((g) => (
          <li key={`${g.from_version}.${g.step}`}>{s.group(g.people, g.from_version, g.step, nameOf(g.next_step_id))}</li>
        ))}
        {d.kept.map((k) => (
          <li key={k.reason} className="text-text-2">
            {s.reasons[k.reason]?.(k.people) ?? k.reason}
          </li>
        ))}
        {there > 0 && <li className="text-text-2">{s.there(there, d.to_version)}</li>}
      </ul>
      <p role="status" className="min-h-5 text-table text-text-2">
        {move.isPending && s.moving(done)}
      </p>
    </Confirm>
  );
}
