import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { Confirm } from "@/app/confirm";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { TextArea, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { keyLimits as words } from "@/words/en/key-limits";

const s = w.settings.keys;

/** From where a key may be used, and how often: of one that is there already. */
export default function KeyLimits({ apiKey, onClose }: { apiKey: Schemas["APIKey"]; onClose: () => void }) {
  const { org } = useSession();
  const [networks, setNetworks] = useState((apiKey.allowed_networks ?? []).join("\n"));
  const [often, setOften] = useState(String(apiKey.requests_per_minute ?? ""));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const save = useWrite({
    run: async (_: void, header) =>
      settled(
        await must(
          api.PATCH("/v1/api-keys/{id}", {
            params: { path: { id: apiKey.id }, header },
            body: { allowed_networks: networks.split(/[\s,]+/).filter(Boolean), requests_per_minute: often ? Number(often) : null },
          }),
        ),
      ),
    stale: () => [[org, "keys"]],
    done: () => {
      toast.say(words.changed(apiKey.name));
      onClose();
    },
    onProblem: (err) => {
      if (!err.problem.errors?.length) return;
      setWrong(Object.fromEntries(err.problem.errors.map((e) => [e.field.replace(/\[.*|\.\d.*/, ""), e.reason])));
      return true;
    },
  });
  return (
    <Confirm title={words.title(apiKey.name)} about={words.about} action={w.settings.save} busy={save.isPending} onDo={() => save.mutate()} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <TextArea label={s.networks} hint={s.networksHint} rows={3} className="mono" value={networks} error={wrong.allowed_networks} onChange={(e) => setNetworks(e.target.value)} placeholder="192.0.2.0/24" />
        <TextField label={words.often} hint={words.oftenHint} type="number" min={1} max={1_000_000} className="max-w-56" value={often} error={wrong.requests_per_minute} onChange={(e) => setOften(e.target.value)} />
      </div>
    </Confirm>
  );
}
