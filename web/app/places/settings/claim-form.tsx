import { useState } from "react";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { useCampaigns } from "@/app/names";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { claims as words } from "@/words/en/claims";
import { endOfDay, lastDay } from "./claim-days";
import type { Claim } from "./claim-queries";

/** Approves a sentence, another version of one, or a retired one again. */
export function ClaimForm({ claim, onClose }: { claim?: Claim; onClose: () => void }) {
  const { org } = useSession();
  const campaigns = useCampaigns();
  const [text, setText] = useState(claim?.text ?? "");
  const [source, setSource] = useState(claim?.source ?? "");
  const [until, setUntil] = useState(claim?.valid_until && !claim.retired_at ? lastDay(claim.valid_until) : "");
  const [campaign, setCampaign] = useState(claim?.campaign_id ?? "");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const edits = claim && !claim.retired_at;
  const save = useWrite({
    run: async (_: void, header) => {
      const body = { text: text.trim(), source: source.trim(), valid_until: until ? endOfDay(until) : undefined };
      if (edits) return settled(await must(api.PUT("/v1/claims/{id}", { params: { path: { id: claim.id }, header: { ...header, "If-Match": `"${claim.version}"` } }, body })));
      return settled(await must(api.POST("/v1/claims", { params: { header }, body: { ...body, campaign_id: campaign || undefined } })));
    },
    stale: () => [[org, "claims"], [org, "messages"]],
    done: (_, made) => {
      onClose();
      toast.say(edits && made ? words.changed(made.version) : words.saved);
    },
    onProblem: (err) => {
      const list = err.problem.errors ?? [];
      if (list.length === 0) return false;
      setWrong(Object.fromEntries(list.map((e) => [e.field.replace(/^body\./, ""), e.reason])));
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={edits ? words.edit : claim ? words.again : words.add} about={edits ? words.editAbout : words.addAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          setWrong({});
          save.mutate();
        }}
      >
        <TextArea label={words.text} hint={words.textHint} rows={2} autoFocus required maxLength={500} value={text} error={wrong.text} onChange={(e) => setText(e.target.value)} />
        <TextField label={words.source} hint={words.sourceHint} required maxLength={500} value={source} error={wrong.source} onChange={(e) => setSource(e.target.value)} />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={words.until} hint={words.untilHint} type="date" value={until} error={wrong.valid_until} onChange={(e) => setUntil(e.target.value)} />
          {!claim && (
            <SelectField
              label={words.campaign}
              value={campaign}
              onChange={(e) => setCampaign(e.target.value)}
              options={[{ value: "", label: words.everyCampaign }, ...campaigns.map((c) => ({ value: c.id, label: words.ofCampaign(c.name) }))]}
            />
          )}
        </div>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            {words.save}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
