import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useNow } from "@/app/clock";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { Chip } from "@/ui/chip";
import { CheckField, SelectField } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { Menu } from "@/ui/overlay";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { keyLimits as limitWords } from "@/words/en/key-limits";
import { KeyForm } from "./key-form";
import { keysOptions } from "./queries";
import { Body } from "./row";
import { SecretOnce } from "./secret-once";

const KeyLimits = lazy(() => loadPart(() => import("./key-limits")));

type Key = Schemas["APIKey"];
const s = w.settings.keys;

export default function KeysSection() {
  const { org, slug } = useSession();
  const can = useCan("keys:manage");
  const sees = useMay("audit:read");
  const now = useNow();
  const list = useQuery(keysOptions(org));
  const [adding, setAdding] = useState(false);
  const [limiting, setLimiting] = useState<Key>();
  const [rotating, setRotating] = useState<Key>();
  const [revoking, setRevoking] = useState<Key>();
  const [secret, setSecret] = useState<Key>();
  const [gone, setGone] = useState(false);
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows rows={4} />;
  const state = (k: Key) => (k.revoked_at ? "revoked" : k.expires_at && new Date(k.expires_at) < now ? "expired" : "good");
  const shown = list.data.filter((k) => gone || state(k) === "good");
  const hidden = list.data.length - list.data.filter((k) => state(k) === "good").length;
  const add = can && (
    <Button look="primary" onClick={() => setAdding(true)}>
      {s.add}
    </Button>
  );
  return (
    <Body>
      <div className="-mb-4 flex flex-wrap items-center gap-4">
        {list.data.length > 0 && add}
        {hidden > 0 && <CheckField label={s.showGone(hidden)} checked={gone} onChange={(e) => setGone(e.target.checked)} />}
      </div>
      {shown.length === 0 && <Empty title={s.empty} needs={s.emptyNeeds} action={add} />}
      <ul>
        {shown.map((k) => (
          <li key={k.id} className="flex flex-wrap items-start gap-x-6 gap-y-1 border-b py-3 text-table">
            <div className="min-w-0 flex-1 basis-72">
              <div className="flex flex-wrap items-center gap-2">
                <span className="text-body font-medium">{k.name}</span>
                {state(k) !== "good" && <Chip tone="bad">{s.states[state(k)]}</Chip>}
                {k.owner === "person" && <Chip>{s.ownKey}</Chip>}
              </div>
              <div className="mono truncate text-text-3">{k.prefix}…</div>
              <details className="mt-1">
                <summary className="min-h-6 text-text-2">{s.scopes(k.scopes.length)}</summary>
                <p className="mono pt-1 break-words text-text-2">{[...k.scopes].sort().join("  ")}</p>
              </details>
            </div>
            <dl className="grid basis-72 grid-cols-[7rem_1fr] gap-x-3 gap-y-0.5">
              <dt className="text-text-3">{s.lastUsed}</dt>
              <dd>{k.last_used_at ? <><Time past at={k.last_used_at} /> {k.last_used_address && <span className="text-text-3">{s.from(k.last_used_address)}</span>}</> : s.never}</dd>
              <dt className="text-text-3">{s.expires}</dt>
              <dd>{k.expires_at ? <Time at={k.expires_at} /> : s.neverEnds}</dd>
              <dt className="text-text-3">{s.networks}</dt>
              <dd className="break-words">{k.allowed_networks?.length ? k.allowed_networks.join(", ") : s.anywhere}</dd>
              {k.old_token_until && new Date(k.old_token_until) > now && (
                <>
                  <dt className="text-text-3">{s.oldToken}</dt>
                  <dd className="text-warn">
                    {s.takenUntil} <Time at={k.old_token_until} />
                  </dd>
                </>
              )}
            </dl>
            <div className="flex items-center gap-1 sm:w-32 sm:justify-end">
              {sees && (
                <Link to={`/o/${slug}/history` as "/"} search={{ actor: `api_key:${k.id}` } as never} className="inline-flex min-h-7 items-center px-1 text-accent-text hover:underline">
                  {s.did}
                </Link>
              )}
              {can && state(k) !== "revoked" && (
                <Menu
                  trigger={
                    <Button look="quiet" size="small" aria-label={s.actionsFor(k.name)}>
                      <Ellipsis size={16} aria-hidden />
                    </Button>
                  }
                  entries={[
                    { label: limitWords.menu, onSelect: () => setLimiting(k) },
                    { label: s.rotate, onSelect: () => setRotating(k) },
                    { label: s.revoke, onSelect: () => setRevoking(k) },
                  ]}
                />
              )}
            </div>
          </li>
        ))}
      </ul>
      {adding && (
        <KeyForm
          onClose={() => setAdding(false)}
          onMade={(k) => {
            setAdding(false);
            setSecret(k);
          }}
        />
      )}
      {limiting && (
        <Suspense>
          <KeyLimits apiKey={limiting} onClose={() => setLimiting(undefined)} />
        </Suspense>
      )}
      {rotating && (
        <Rotate
          apiKey={rotating}
          onClose={() => setRotating(undefined)}
          onMade={(k) => {
            setRotating(undefined);
            setSecret(k);
          }}
        />
      )}
      {revoking && <Revoke apiKey={revoking} onClose={() => setRevoking(undefined)} />}
      {secret && <SecretOnce name={secret.name} token={secret.token} onClose={() => setSecret(undefined)} />}
    </Body>
  );
}

function Rotate({ apiKey, onClose, onMade }: { apiKey: Key; onClose: () => void; onMade: (k: Key) => void }) {
  const { org } = useSession();
  const [overlap, setOverlap] = useState("1440");
  const rotate = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/api-keys/{id}/rotate", { params: { path: { id: apiKey.id }, header: headers }, body: { overlap_minutes: Number(overlap) } }))),
    stale: () => [[org, "keys"]],
    done: (_, k) => (k ? onMade(k) : onClose()),
  });
  return (
    <Confirm title={s.rotateAsk(apiKey.name)} about={s.rotateAbout} action={s.rotateDo} busy={rotate.isPending} onDo={() => rotate.mutate()} onClose={onClose}>
      <SelectField label={s.overlap} value={overlap} options={s.overlaps} onChange={(e) => setOverlap(e.target.value)} hint={s.overlapHint} />
    </Confirm>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: Key; onClose: () => void }) {
  const { org } = useSession();
  const revoke = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/api-keys/{id}", { params: { path: { id: apiKey.id }, header: headers } }))),
    stale: () => [[org, "keys"]],
    done: () => {
      onClose();
      toast.say(s.revoked(apiKey.name));
    },
  });
  return (
    <Confirm title={s.revokeAsk(apiKey.name)} about={s.revokeAbout} action={s.revokeDo(apiKey.name)} danger busy={revoke.isPending} onDo={() => revoke.mutate()} onClose={onClose}>
      {apiKey.last_used_at && (
        <p className="text-text-2">
          {s.lastUsed} <Time past at={apiKey.last_used_at} />
        </p>
      )}
    </Confirm>
  );
}
