import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { serverNow } from "@/app/clock";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { networksOf, scopeGroups } from "./scopes";

const s = w.settings.keys;

/** A new key: what it is for, what it may, until when, from where. */
export function KeyForm({ onClose, onMade }: { onClose: () => void; onMade: (k: Schemas["APIKey"]) => void }) {
  const { org, me } = useSession();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set());
  const [days, setDays] = useState("90");
  const [owner, setOwner] = useState<"organization" | "person">("organization");
  const [networks, setNetworks] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const make = useWrite({
    run: async (_: void, headers) =>
      settled(
        await must(
          api.POST("/v1/api-keys", {
            params: { header: headers },
            body: { name, scopes: [...scopes], owner, expires_at: days ? new Date(serverNow().getTime() + Number(days) * 86_400_000).toISOString() : undefined, allowed_networks: networksOf(networks) },
          }),
        ),
      ),
    stale: () => [[org, "keys"]],
    done: (_, k) => (k ? onMade(k) : onClose()),
    onProblem: (err) => {
      const list = err.problem.errors ?? [];
      setWrong(list.length ? Object.fromEntries(list.map((e) => [e.field.replace(/[.[].*/, ""), e.reason])) : { "": err.problem.detail || err.problem.title });
      return true;
    },
  });
  const set = (list: string[], on: boolean) => {
    const next = new Set(scopes);
    for (const x of list) if (on) next.add(x);
      else next.delete(x);
    setScopes(next);
  };
  return (
    <Modal open wide onClose={onClose} title={s.add} about={s.addAbout}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(e) => {
          e.preventDefault();
          if (scopes.size > 0) make.mutate();
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={s.name} hint={s.nameHint} required autoFocus maxLength={100} value={name} error={wrong.name} onChange={(e) => setName(e.target.value)} />
          <SelectField label={s.expires} hint={s.expiresHint} value={days} options={s.lifetimes} error={wrong.expires_at} onChange={(e) => setDays(e.target.value)} />
          <SelectField label={s.owner} hint={s.ownerHint} value={owner} options={s.owners} onChange={(e) => setOwner(e.target.value as typeof owner)} />
          <TextArea label={s.networks} hint={s.networksHint} rows={2} value={networks} error={wrong.allowed_networks} onChange={(e) => setNetworks(e.target.value)} placeholder="192.0.2.0/24" />
        </div>
        <fieldset>
          <legend className="mb-1 text-table font-medium text-text-2">{s.scopesTitle}</legend>
          <div className="mb-2 flex flex-wrap gap-2">
            <Button size="small" onClick={() => setScopes(new Set(me.permissions.filter((p) => p.endsWith(":read") && p !== "pii:read")))}>
              {s.readOnly}
            </Button>
            <Button size="small" onClick={() => setScopes(new Set(me.permissions))}>
              {s.all(me.permissions.length)}
            </Button>
            <Button size="small" look="quiet" onClick={() => setScopes(new Set())}>
              {s.noScopes}
            </Button>
          </div>
          <div className="border-t">
            {scopeGroups(me.permissions).map(([group, list]) => (
              <div key={group} className="grid gap-x-4 gap-y-1 border-b py-2 sm:grid-cols-[9rem_1fr]">
                <label className="flex min-h-6 items-start gap-2 font-medium">
                  <input type="checkbox" className="mt-0.5 size-4 accent-(--accent)" checked={list.every((x) => scopes.has(x))} onChange={(e) => set(list, e.target.checked)} /> {group}
                </label>
                <div className="grid gap-x-4 sm:grid-cols-2">
                  {list.map((x) => (
                    <label key={x} className="flex min-h-6 items-start gap-2 text-table" title={x}>
                      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-(--accent)" checked={scopes.has(x)} onChange={(e) => set([x], e.target.checked)} />
                      {w.settings.roles.allows[x] ?? x}
                    </label>
                  ))}
                </div>
              </div>
            ))}
          </div>
        </fieldset>
        {(wrong[""] || wrong.scopes) && (
          <p role="alert" className="text-bad">
            {wrong[""] ?? wrong.scopes}
          </p>
        )}
        <div className="sticky bottom-[-16px] flex justify-end gap-2 border-t bg-surface-0 py-3">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={make.isPending} why={scopes.size === 0 ? s.chooseOne : undefined}>
            {s.make(scopes.size)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
