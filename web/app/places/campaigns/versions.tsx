import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must } from "@/api/client";
import { useCan } from "@/app/may";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { versions as s } from "@/words/en/versions";
import { migrate, Move } from "./move";
import type { Campaign } from "./queries";

/** Who goes on with an older version of the steps, and who of them could go on with the newest. */
export default function Versions({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const can = useCan("campaigns:write") && !campaign.archived_at && campaign.status !== "completed";
  const all = useQuery({ queryKey: [org, "enrollments", campaign.id, "versions", campaign.steps_version], queryFn: async () => (await must(api.GET("/v1/campaigns/{id}/versions", { params: { path: { id: campaign.id } } }))).data });
  const older = all.data?.filter((v) => !v.current && v.people > 0) ?? [];
  const dry = useQuery({ queryKey: [org, "enrollments", campaign.id, "migration", campaign.steps_version], enabled: can && older.length > 0, queryFn: () => migrate(campaign.id, { dry_run: true }) });
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
