import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { versions as s } from "@/words/en/versions";
import type { Campaign } from "./queries";

type Moves = Schemas["CampaignMigration"];

const migrate = async (id: string, dry_run: boolean, key?: string): Promise<Moves> => {
  const r = await must(api.POST("/v1/campaigns/{id}/migrations", { params: { path: { id }, header: key ? { "Idempotency-Key": key } : {} }, body: { dry_run } }));
  if (!("movable" in r)) throw new Error("not decided yet");
  return r;
};

/** Who goes on with an older version of the steps, and who of them could go on with the newest. */
export default function Versions({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const can = useCan("campaigns:write") && !campaign.archived_at && campaign.status !== "completed";
  const all = useQuery({ queryKey: [org, "enrollments", campaign.id, "versions", campaign.steps_version], queryFn: async () => (await must(api.GET("/v1/campaigns/{id}/versions", { params: { path: { id: campaign.id } } }))).data });
  const older = all.data?.filter((v) => !v.current && v.people > 0) ?? [];
  const dry = useQuery({ queryKey: [org, "enrollments", campaign.id, "migration", campaign.steps_version], enabled: can && older.length > 0, queryFn: () => migrate(campaign.id, true) });
  const [asking, setAsking] = useState(false);
  if (older.length === 0) return null;
  const d = dry.data;
  return (
    <section aria-label={s.title} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b bg-surface-1 px-4 py-2 text-table">
      <p className="min-w-0 flex-1">
        {older.map((v) => s.keep(v.people, v.version)).join(", ")}. {d && <span className="text-text-2">{d.movable > 0 ? s.could(d.movable, d.to_version) : s.none(d.to_version)}</span>}
      </p>
      {can && d && d.movable > 0 && (
        <Button size="small" onClick={() => setAsking(true)}>
          {s.open(d.movable, d.to_version)}
        </Button>
      )}
      {dry.error && <ProblemNote error={dry.error} onRetry={() => void dry.refetch()} />}
      {asking && d && <Move campaign={campaign} moves={d} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Move({ campaign, moves: d, onClose }: { campaign: Campaign; moves: Moves; onClose: () => void }) {
  const { org } = useSession();
  const [done, setDone] = useState(0);
  const move = useWrite({
    run: async (_: void, header) => {
      let moved = 0;
      for (let n = 0; n < 200; n++) {
        const r = await migrate(campaign.id, false, `${header["Idempotency-Key"]}-${n}`);
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
      onClose();
    },
  });
  const nameOf = (id: string) => {
    const i = campaign.steps.findIndex((x) => x.step_id === id);
    return s.stepN(i + 1, campaign.steps[i]?.variants[0]?.subject ?? "");
  };
  return (
    <Confirm title={s.ask(d.movable, d.to_version)} about={s.about} action={s.move(d.movable, d.to_version)} busy={move.isPending} onDo={() => move.mutate()} onClose={onClose}>
      <ul className="flex flex-col gap-1">
        {d.groups.map((g) => (
          <li key={`${g.from_version}.${g.step}`}>{s.group(g.people, g.from_version, g.step, nameOf(g.next_step_id))}</li>
        ))}
        {d.kept.map((k) => (
          <li key={k.reason} className="text-text-2">
            {s.reasons[k.reason]?.(k.people) ?? k.reason}
          </li>
        ))}
      </ul>
      <p role="status" className="min-h-5 text-table text-text-2">
        {move.isPending && s.moving(done)}
      </p>
    </Confirm>
  );
}
