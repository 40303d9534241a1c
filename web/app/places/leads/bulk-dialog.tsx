import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useCampaigns } from "@/app/names";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { bulk as words } from "@/words/en/bulk";
import { selectionOf, type Filters } from "./filters";
import { ExportFile } from "./export-file";
import { ForeseenLine, useForeseen } from "./bulk-preview";

export type BulkAction = Exclude<Schemas["BulkAction"], "restore"> | "export";

export const tagsIn = (text: string) => [...new Set(text.split(",").map((t) => t.trim()).filter(Boolean))];

type Props = { action: BulkAction; count: number; ids?: string[]; filters: Filters; onClose: () => void; onJobs: (ids: string[]) => void };

/** Asks what is missing, and says on its button what will happen to how many. */
export function BulkDialog({ action, count, ids, filters, onClose, onJobs }: Props) {
  const { org } = useSession();
  const campaigns = useCampaigns().filter((c) => c.status !== "completed");
  const [tags, setTags] = useState("");
  const [campaign, setCampaign] = useState("");
  const [exported, setExported] = useState<string>();
  const which = ids ? { lead_ids: ids } : { filter: selectionOf(filters) };
  const run = useWrite({
    run: async (_: void, headers) => {
      const body: Schemas["BulkCreate"] = { action: action as Schemas["BulkAction"], dry_run: false, ...which };
      if (action === "tag" || action === "untag") body.tags = tagsIn(tags);
      if (action === "enroll") body.campaign_id = campaign;
      // Up to 10,000 at once; the rest follows with the same key and a number behind it.
      const jobs: string[] = [];
      for (let cursor: string | undefined, n = 0; n < 100; n++) {
        const key = n ? `${headers["Idempotency-Key"]}-${n}` : headers["Idempotency-Key"];
        const made = await must(api.POST("/v1/leads/bulk", { body: { ...body, cursor }, params: { header: { "Idempotency-Key": key } } }));
        if ("job" in made) {
          jobs.push(made.job.id);
          cursor = made.next_cursor ?? undefined;
        } else break;
        if (!cursor) break;
      }
      return jobs;
    },
    stale: () => [[org, "leads"]],
    done: (_, jobs) => onJobs(jobs),
  });
  const write = useWrite({
    run: (_: void, header) => must(api.POST("/v1/exports", { body: { kind: "leads", ...(ids || Object.keys(filters).length === 0 ? {} : { leads: selectionOf(filters) }) }, params: { header } })),
    done: (_, e) => setExported(e.id),
  });
  const needsTags = (action === "tag" || action === "untag") && tagsIn(tags).length === 0;
  const needsCampaign = action === "enroll" && !campaign;
  const ready = action !== "export" && !needsTags && !needsCampaign;
  const foreseen = useForeseen(ready ? { action, ...which, ...(action === "tag" || action === "untag" ? { tags: tagsIn(tags) } : {}), ...(action === "enroll" ? { campaign_id: campaign } : {}) } : undefined);
  const n = foreseen.data?.done ?? count;
  return (
    <Modal
      open
      onClose={onClose}
      title={w.leads[action]}
      about={w.leads.about[action]}
      footer={
        <>
          <Button onClick={onClose}>{exported ? w.leads.close : w.leads.cancel}</Button>
          {!exported && (
            <Button
              look={action === "remove" || action === "suppress" ? "danger" : "primary"}
              busy={run.isPending || write.isPending}
              why={needsTags ? w.leads.tagsHint : needsCampaign ? w.leads.campaignField : foreseen.data?.done === 0 ? words.nothing : undefined}
              onClick={() => (action === "export" ? write.mutate() : run.mutate())}
            >
              {w.leads.effect[action](n)}
            </Button>
          )}
        </>
      }
    >
      {(action === "tag" || action === "untag") && <TextField autoFocus label={w.leads.tagsField} hint={w.leads.tagsHint} value={tags} onChange={(e) => setTags(e.target.value)} />}
      {action === "enroll" &&
        (campaigns.length ? (
          <SelectField label={w.leads.campaignField} value={campaign} onChange={(e) => setCampaign(e.target.value)} options={[{ value: "", label: "" }, ...campaigns.map((c) => ({ value: c.id, label: c.name }))]} />
        ) : (
          <p>{w.leads.campaignNone}</p>
        ))}
      {action !== "export" && <ForeseenLine {...foreseen} />}
      {exported && <ExportFile id={exported} />}
    </Modal>
  );
}
