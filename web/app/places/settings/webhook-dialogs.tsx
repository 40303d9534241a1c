import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { serverNow } from "@/app/clock";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Confirm } from "@/app/confirm";
import { SelectField, TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { webhooks as s } from "@/words/en/settings-webhooks";
import { SecretOnce } from "./secret-once";
import { nameOf, periodProblem } from "./webhook-rules";

type Webhook = Schemas["Webhook"];

export function RotateWebhook({ webhook, onClose, onMade }: { webhook: Webhook; onClose: () => void; onMade: (x: Webhook) => void }) {
  const { org } = useSession();
  const [overlap, setOverlap] = useState("1440");
  const rotate = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/webhooks/{id}/rotate-secret", { params: { path: { id: webhook.id }, header: headers }, body: { overlap_minutes: Number(overlap) } }))),
    stale: () => [[org, "webhooks"]],
    done: (_, x) => (x ? onMade(x) : onClose()),
  });
  return (
    <Confirm title={s.rotateAsk(nameOf(webhook))} about={s.rotateAbout} action={s.rotateDo} busy={rotate.isPending} onDo={() => rotate.mutate()} onClose={onClose}>
      <SelectField label={s.overlap} value={overlap} options={s.overlaps} onChange={(e) => setOverlap(e.target.value)} hint={s.overlapHint} />
    </Confirm>
  );
}

/** How a field for date and time has an instant, in the browser's zone. */
const local = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function ReplayWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { org } = useSession();
  const now = serverNow();
  const [from, setFrom] = useState(local(webhook.off_at ? new Date(webhook.off_at) : new Date(now.getTime() - 86_400_000)));
  const [to, setTo] = useState(local(now));
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const problem = periodProblem(from, to);
  const replay = useWrite({
    run: async (_: void, headers) =>
      settled(await must(api.POST("/v1/webhooks/{id}/replays", { params: { path: { id: webhook.id }, header: headers }, body: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } }))),
    stale: () => [[org, "webhooks"]],
    done: () => {
      onClose();
      toast.say(s.replayed);
    },
    onProblem: (err) => {
      const list = err.problem.errors ?? [];
      if (list.length === 0) return false;
      setWrong(Object.fromEntries(list.map((e) => [e.field, e.reason])));
      return true;
    },
  });
  return (
    <Confirm title={s.replayAsk(nameOf(webhook))} about={s.replayAbout} action={s.replayDo} busy={replay.isPending} why={problem || undefined} onDo={() => replay.mutate()} onClose={onClose}>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label={s.from} type="datetime-local" required value={from} error={wrong.from} onChange={(e) => setFrom(e.target.value)} />
        <TextField label={s.to} type="datetime-local" required value={to} error={wrong.to ?? (problem || undefined)} hint={s.replayHint} onChange={(e) => setTo(e.target.value)} />
      </div>
    </Confirm>
  );
}

export function RemoveWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { org } = useSession();
  const name = nameOf(webhook);
  const remove = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/webhooks/{id}", { params: { path: { id: webhook.id }, header: headers } }))),
    stale: () => [[org, "webhooks"]],
    done: () => {
      onClose();
      toast.say(s.removed(name));
    },
  });
  return (
    <Confirm title={s.removeAsk(name)} about={s.removeAbout} action={s.removeDo(name)} danger busy={remove.isPending} onDo={() => remove.mutate()} onClose={onClose}>
      <p className="mono break-all text-text-2">{webhook.url}</p>
    </Confirm>
  );
}

const ofWebhooks = { ...s, label: s.secret };

export function WebhookSecret({ name, secret, onClose }: { name: string; secret?: string; onClose: () => void }) {
  return <SecretOnce name={name} token={secret} onClose={onClose} texts={ofWebhooks} />;
}
