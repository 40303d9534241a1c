import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useNow } from "@/app/clock";
import { useCan } from "@/app/may";
import { linkLook, useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Menu } from "@/ui/overlay";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { formatCount } from "@/words/format";
import { webhooks as s } from "@/words/en/settings-webhooks";
import { Body } from "./row";
import type { SettingsSearch } from "./routes";
import { WebhookDeliveries } from "./webhook-deliveries";
import { RemoveWebhook, ReplayWebhook, RotateWebhook, WebhookSecret } from "./webhook-dialogs";
import { WebhookForm } from "./webhook-form";
import { webhooksOptions } from "./webhook-queries";
import { nameOf, stateOf } from "./webhook-rules";

type Webhook = Schemas["Webhook"];
type Doing = { what: "add" | "change" | "rotate" | "replay" | "remove"; webhook?: Webhook };

export default function WebhooksSection() {
  const { org } = useSession();
  const can = useCan("webhooks:manage");
  const search = useSearch({ strict: false }) as SettingsSearch;
  const list = useQuery(webhooksOptions(org));
  const [doing, setDoing] = useState<Doing>();
  const [secret, setSecret] = useState<Webhook>();
  const close = () => setDoing(undefined);
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows rows={4} />;
  if (search.filter) return <WebhookDeliveries id={search.filter} webhook={list.data.find((x) => x.id === search.filter)} />;
  const add = can && (
    <Button look="primary" onClick={() => setDoing({ what: "add" })}>
      {s.add}
    </Button>
  );
  const made = (x: Webhook) => {
    close();
    setSecret(x);
  };
  return (
    <Body>
      {list.data.length > 0 ? <div className="-mb-4">{add}</div> : <Empty title={s.empty} needs={s.emptyNeeds} action={add} />}
      <ul>
        {list.data.map((x) => (
          <Item key={x.id} webhook={x} can={can} onDo={(what) => setDoing({ what, webhook: x })} />
        ))}
      </ul>
      {doing?.what === "add" && <WebhookForm onClose={close} onMade={made} />}
      {doing?.webhook && doing.what === "change" && <WebhookForm webhook={doing.webhook} onClose={close} onMade={close} />}
      {doing?.webhook && doing.what === "rotate" && <RotateWebhook webhook={doing.webhook} onClose={close} onMade={made} />}
      {doing?.webhook && doing.what === "replay" && <ReplayWebhook webhook={doing.webhook} onClose={close} />}
      {doing?.webhook && doing.what === "remove" && <RemoveWebhook webhook={doing.webhook} onClose={close} />}
      {secret && <WebhookSecret name={nameOf(secret)} secret={secret.secret} onClose={() => setSecret(undefined)} />}
    </Body>
  );
}

function Item({ webhook: x, can, onDo }: { webhook: Webhook; can: boolean; onDo: (what: "change" | "rotate" | "replay" | "remove") => void }) {
  const { org } = useSession();
  const now = useNow();
  const change = useChangeSearch();
  const state = stateOf(x);
  const stale = () => [[org, "webhooks"]];
  const test = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/webhooks/{id}/test", { params: { path: { id: x.id }, header: headers } }))),
    stale,
    done: () => toast.say(s.tested),
  });
  const turn = useWrite({
    run: async (enabled: boolean, headers) => settled(await must(api.PATCH("/v1/webhooks/{id}", { params: { path: { id: x.id }, header: headers }, body: { enabled } }))),
    stale,
    done: (enabled) => toast.say(enabled ? s.switchedOn : s.switchedOff),
  });
  const toLog = (kind?: string) => change({ filter: x.id, kind }, false);
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-1 border-b py-3 text-table">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-body font-medium">{nameOf(x)}</span>
          {state !== "on" && <Chip tone={state === "asked" ? "plain" : state === "failing" ? "warn" : "bad"}>{s.states[state]}</Chip>}
          {x.kind === "rest_hook" && <Chip>{s.hook}</Chip>}
          {x.personal && <Chip>{s.personal}</Chip>}
        </div>
        <div className="mono break-all text-text-3">{x.url}</div>
        {x.types.length === 0 ? (
          <p className="pt-1 text-text-2">{s.allTypes}</p>
        ) : (
          <details className="mt-1">
            <summary className="min-h-6 text-text-2">{s.types(x.types.length)}</summary>
            <p className="mono pt-1 break-words text-text-2">{[...x.types].sort().join("  ")}</p>
          </details>
        )}
      </div>
      <dl className="grid basis-72 grid-cols-[9rem_1fr] gap-x-3 gap-y-0.5">
        <dt className="text-text-3">{s.delivered}</dt>
        <dd>{x.delivered_at ? <Time past at={x.delivered_at} /> : s.never}</dd>
        {x.enabled && x.failing_since && (
          <>
            <dt className="text-text-3">{s.failingSince}</dt>
            <dd className="text-warn">
              <Time past at={x.failing_since} />
            </dd>
          </>
        )}
        {x.off_at && (
          <>
            <dt className="text-text-3">{s.offSince}</dt>
            <dd>
              <Time past at={x.off_at} />
            </dd>
          </>
        )}
        <dt className="text-text-3">{s.waiting}</dt>
        <dd>
          <Count n={x.waiting} onClick={() => toLog("waiting")} label={s.waiting} />
        </dd>
        <dt className="text-text-3">{s.failed}</dt>
        <dd>
          <Count n={x.failed} onClick={() => toLog("failed")} label={s.failed} />
        </dd>
        {x.old_secret_until && new Date(x.old_secret_until) > now && (
          <>
            <dt className="text-text-3">{s.oldSecret}</dt>
            <dd className="text-warn">
              <Time at={x.old_secret_until} />
            </dd>
          </>
        )}
      </dl>
      <div className="flex items-center gap-1 sm:w-36 sm:justify-end">
        <button type="button" onClick={() => toLog()} className={`min-h-7 px-1 ${linkLook}`}>
          {s.deliveries}
        </button>
        {can && (
          <Menu
            trigger={
              <Button look="quiet" size="small" aria-label={s.actionsFor(nameOf(x))}>
                <Ellipsis size={16} aria-hidden />
              </Button>
            }
            entries={[
              ...(x.enabled ? [{ label: s.test, onSelect: () => test.mutate() }, { label: s.replay, onSelect: () => onDo("replay") }] : []),
              { label: s.change, onSelect: () => onDo("change") },
              { label: s.rotate, onSelect: () => onDo("rotate") },
              { label: x.enabled ? s.switchOff : s.switchOn, onSelect: () => turn.mutate(!x.enabled) },
              "line",
              { label: s.remove, onSelect: () => onDo("remove") },
            ]}
          />
        )}
      </div>
    </li>
  );
}

/** A number is a link to what it counts. */
function Count({ n, onClick, label }: { n: number; onClick: () => void; label: string }) {
  if (n === 0) return <>0</>;
  return (
    <button type="button" onClick={onClick} aria-label={`${label}: ${formatCount(n)}`} className={`tabular-nums ${linkLook}`}>
      {formatCount(n)}
    </button>
  );
}
