import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { useNow } from "@/app/clock";
import { SecretOnce } from "@/app/places/settings/secret-once";
import { networksOf } from "@/app/places/settings/scopes";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { Chip } from "@/ui/chip";
import { TextArea, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { platform } from "./client";
import { platformKeysOptions } from "./queries";

type Key = Schemas["PlatformKey"];
const s = w.operator;
const k = w.settings.keys;

export function PlatformKeys() {
  const list = useQuery(platformKeysOptions());
  const now = useNow();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const [secret, setSecret] = useState<Key>();
  const revoke = useWrite({ run: (key: Key) => must(platform.DELETE("/v1/platform-keys/{id}", { params: { path: { id: key.id } } })), stale: () => [["operator", "keys"]], done: () => setRevoking(undefined) });
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows />;
  return (
    <div className="flex max-w-4xl flex-col gap-3 px-4 py-4 sm:px-6">
      <p className="max-w-[72ch] text-text-2">{s.keysAbout}</p>
      <Button look="primary" className="self-start" onClick={() => setAdding(true)}>
        {s.addKey}
      </Button>
      <ul>
        {list.data.map((x) => {
          const ended = x.revoked_at ? k.states.revoked : x.expires_at && new Date(x.expires_at) < now ? k.states.expired : "";
          return (
            <li key={x.id} className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b py-2 text-table">
              <span className="min-w-0 flex-1 basis-56">
                <span className="font-medium">{x.name}</span> {ended && <Chip tone="bad">{ended}</Chip>}
                <span className="mono block truncate text-text-3">{x.prefix}…</span>
              </span>
              <span className="w-56 text-text-2">
                {k.lastUsed}: {x.last_used_at ? <Time at={x.last_used_at} /> : k.never} {x.last_used_address && <span className="text-text-3">{k.from(x.last_used_address)}</span>}
              </span>
              <span className="w-40 text-text-2">{x.allowed_networks?.join(", ") || k.anywhere}</span>
              <span className="w-20 text-right">
                {!ended && (
                  <Button size="small" look="quiet" onClick={() => setRevoking(x)}>
                    {k.revoke}
                  </Button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      {adding && (
        <Add
          onClose={() => setAdding(false)}
          onMade={(x) => {
            setAdding(false);
            setSecret(x);
          }}
        />
      )}
      {secret && <SecretOnce name={secret.name} token={secret.token} onClose={() => setSecret(undefined)} />}
      {revoking && (
        <Confirm title={k.revokeAsk(revoking.name)} about={k.revokeAbout} action={k.revokeDo(revoking.name)} danger busy={revoke.isPending} onDo={() => revoke.mutate(revoking)} onClose={() => setRevoking(undefined)} />
      )}
    </div>
  );
}

function Add({ onClose, onMade }: { onClose: () => void; onMade: (x: Key) => void }) {
  const [name, setName] = useState("");
  const [networks, setNetworks] = useState("");
  const [wrong, setWrong] = useState("");
  const make = useWrite({
    run: () => must(platform.POST("/v1/platform-keys", { body: { name, allowed_networks: networksOf(networks) } })),
    stale: () => [["operator", "keys"]],
    done: (_, x) => onMade(x),
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.addKey} about={s.keysAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          make.mutate(undefined);
        }}
      >
        <TextField label={s.keyName} required value={name} error={wrong || undefined} onChange={(e) => setName(e.target.value)} />
        <TextArea label={k.networks} hint={k.networksHint} rows={2} value={networks} onChange={(e) => setNetworks(e.target.value)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={make.isPending}>
            {s.makeKey}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
