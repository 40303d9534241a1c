import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { webhooks as s } from "@/words/en/settings-webhooks";
import { webhookTypesOptions } from "./webhook-queries";
import { nameOf } from "./webhook-rules";

type Webhook = Schemas["Webhook"];

/** A new webhook, or one that is changed: where it leads, what is delivered, and whether that says who people are. */
export function WebhookForm({ webhook, onClose, onMade }: { webhook?: Webhook; onClose: () => void; onMade: (x: Webhook) => void }) {
  const { org } = useSession();
  const pii = useMay("pii:read");
  const types = useQuery(webhookTypesOptions());
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [name, setName] = useState(webhook?.name ?? "");
  const [all, setAll] = useState(!webhook || webhook.types.length === 0);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(webhook?.types));
  const [personal, setPersonal] = useState(webhook?.personal ?? false);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const body = { url, name, types: all ? [] : [...chosen], personal };
  const send = useWrite({
    run: async (_: void, headers) =>
      settled(
        await must(
          webhook
            ? api.PATCH("/v1/webhooks/{id}", { params: { path: { id: webhook.id }, header: headers }, body: { ...body, url: url === webhook.url ? undefined : url } })
            : api.POST("/v1/webhooks", { params: { header: headers }, body }),
        ),
      ) as Promise<Webhook | undefined>,
    stale: () => [[org, "webhooks"]],
    done: (_, x) => (x ? onMade(x) : onClose()),
    onProblem: (err) => {
      const list = err.problem.errors ?? [];
      setWrong(list.length ? Object.fromEntries(list.map((e) => [e.field.replace(/[.[].*/, ""), e.reason])) : { "": err.problem.detail || err.problem.title });
      return true;
    },
  });
  const set = (type: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(type);
    else next.delete(type);
    setChosen(next);
  };
  const ready = all || chosen.size > 0;
  return (
    <Modal open wide onClose={onClose} title={webhook ? nameOf(webhook) : s.add} about={webhook ? undefined : s.addAbout}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(e) => {
          e.preventDefault();
          if (ready) send.mutate();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={s.url} hint={s.urlHint} type="url" required autoFocus maxLength={2000} placeholder="https://example.com/outrider" value={url} error={wrong.url} onChange={(e) => setUrl(e.target.value)} />
          <TextField label={s.name} hint={s.nameHint} maxLength={100} value={name} error={wrong.name} onChange={(e) => setName(e.target.value)} />
        </div>
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-table font-medium text-text-2">{s.typesTitle}</legend>
          {[true, false].map((x) => (
            <label key={String(x)} className="flex min-h-6 items-center gap-2">
              <input type="radio" name="types" className="size-4 accent-(--accent)" checked={all === x} onChange={() => setAll(x)} /> {x ? s.everything : s.chosen}
            </label>
          ))}
          {!all && (
            <div className="mt-1 grid gap-x-6 gap-y-1 border-t pt-2 sm:grid-cols-2">
              {types.data
                ?.filter((t) => t.name !== "webhook.test")
                .map((t) => (
                  <label key={t.name} className="flex min-h-6 items-start gap-2 text-table">
                    <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-(--accent)" checked={chosen.has(t.name)} onChange={(e) => set(t.name, e.target.checked)} />
                    <span className="min-w-0">
                      <span className="mono">{t.name}</span>
                      <span className="block text-meta text-text-3">{t.description}</span>
                    </span>
                  </label>
                ))}
            </div>
          )}
        </fieldset>
        <CheckField label={s.personalAsk} hint={pii ? s.personalHint : s.personalNeeds} checked={personal} disabled={!pii} onChange={(e) => setPersonal(e.target.checked)} />
        {(wrong[""] || wrong.types) && (
          <p role="alert" className="text-bad">
            {wrong[""] ?? wrong.types}
          </p>
        )}
        <div className="sticky bottom-[-16px] flex justify-end gap-2 border-t bg-surface-0 py-3">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={send.isPending} why={ready ? undefined : s.chooseOne}>
            {webhook ? s.save : s.make}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
