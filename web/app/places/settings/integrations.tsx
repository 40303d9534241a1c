import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
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
import { calendars as c } from "@/words/en/calendars";
import { integrations as s } from "@/words/en/settings-integrations";
import { ConnectIntegration, NewKey, PauseIntegration, RemoveIntegration, ResyncIntegration, useSignIn } from "./integration-dialogs";
import { IntegrationCalendars } from "./integration-calendars";
import { IntegrationConflicts } from "./integration-conflicts";
import { ImportContacts } from "./integration-import";
import { IntegrationLog } from "./integration-log";
import { IntegrationMap } from "./integration-map";
import { integrationsOptions, providersOptions, type Outcome } from "./integration-queries";
import { Body } from "./row";
import type { SettingsSearch } from "./routes";

type Integration = Schemas["Integration"];
type What = "key" | "pause" | "remove" | "resync" | "import";

export const serviceName = (provider: string) => s.names[provider] ?? provider;

export default function IntegrationsSection() {
  const { org } = useSession();
  const can = useCan("integrations:manage");
  const search = useSearch({ strict: false }) as SettingsSearch;
  const list = useQuery(integrationsOptions(org));
  const providers = useQuery(providersOptions());
  const [connecting, setConnecting] = useState<Schemas["IntegrationProvider"]>();
  const [doing, setDoing] = useState<{ what: What; on: Integration }>();
  const close = () => setDoing(undefined);
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data || !providers.data) return <SkeletonRows rows={4} />;
  const shown = search.filter ? list.data.find((x) => x.id === search.filter) : undefined;
  if (shown && search.kind === "map") return <IntegrationMap integration={shown} />;
  if (shown && search.kind === "calendars") return <IntegrationCalendars integration={shown} />;
  if (shown && search.kind === "conflicts") return <IntegrationConflicts integration={shown} />;
  if (shown) return <IntegrationLog integration={shown} />;
  const add = can && (
    <div className="flex flex-wrap gap-2">
      {providers.data.map((p) => (
        <Button key={p.name} onClick={() => setConnecting(p)}>
          {s.add(serviceName(p.name))}
        </Button>
      ))}
    </div>
  );
  return (
    <Body>
      {search.integration_problem && (
        <p role="alert" className="text-bad">
          {s.problems[search.integration_problem] ?? s.problems.failed}
        </p>
      )}
      {providers.data.length === 0 && list.data.length === 0 ? (
        <Empty title={s.empty} needs={s.nothingOffered} />
      ) : list.data.length === 0 ? (
        <Empty title={s.empty} needs={s.emptyNeeds} action={add} />
      ) : (
        <div className="-mb-4">{add}</div>
      )}
      <ul>
        {list.data.map((x) => (
          <Item key={x.id} integration={x} provider={providers.data.find((p) => p.name === x.provider)} can={can} onDo={(what) => setDoing({ what, on: x })} />
        ))}
      </ul>
      {connecting && <ConnectIntegration provider={connecting} onClose={() => setConnecting(undefined)} />}
      {doing?.what === "key" && <NewKey integration={doing.on} onClose={close} />}
      {doing?.what === "pause" && <PauseIntegration integration={doing.on} onClose={close} />}
      {doing?.what === "resync" && <ResyncIntegration integration={doing.on} onClose={close} />}
      {doing?.what === "import" && <ImportContacts integration={doing.on} onClose={close} />}
      {doing?.what === "remove" && <RemoveIntegration integration={doing.on} onClose={close} />}
    </Body>
  );
}

function Item({ integration: x, provider, can, onDo }: { integration: Integration; provider?: Schemas["IntegrationProvider"]; can: boolean; onDo: (what: What) => void }) {
  const { org } = useSession();
  const change = useChangeSearch();
  const signIn = useSignIn(x.provider, x.id);
  const name = serviceName(x.provider);
  const resume = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/integrations/{id}/resume", { params: { path: { id: x.id }, header: headers } }))),
    stale: () => [[org, "integrations"]],
    done: () => toast.say(s.resumed),
  });
  const to = (kind?: Outcome | "map" | "conflicts" | "calendars") => change({ filter: x.id, kind }, false);
  const crm = x.kind === "crm";
  const calendars = x.provider === "google_calendar";
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b py-3 text-table">
      <div className="min-w-0 flex-1 basis-72">
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-body font-medium">{name}</span>
          <Chip tone={x.state === "connected" ? "good" : x.state === "paused" ? "plain" : "bad"}>{s.states[x.state]}</Chip>
        </div>
        <div className="break-words text-text-3">{x.account}</div>
        {x.state !== "connected" && (
          <p className="max-w-[60ch] pt-1 text-text-2">
            {(x.reason && s.reasons[x.reason]) ?? x.detail} <span className="text-text-3">{s.since}</span> <Time past at={x.since} />
          </p>
        )}
        {crm && !x.mapped && x.state === "connected" && <p className="max-w-[60ch] pt-1 text-warn">{s.notMapped}</p>}
        {calendars && !x.mapped && x.state === "connected" && <p className="max-w-[60ch] pt-1 text-warn">{c.notChosen}</p>}
        {x.error && x.state === "connected" && <p className="max-w-[60ch] pt-1 text-warn">{x.error}</p>}
      </div>
      <dl className="grid basis-72 grid-cols-[9rem_1fr] gap-x-3 gap-y-0.5">
        <dt className="text-text-3">{x.failing_since ? s.failing : s.worked}</dt>
        <dd className={x.failing_since ? "text-warn" : undefined}>{x.failing_since ? <Time past at={x.failing_since} /> : x.worked_at ? <Time past at={x.worked_at} /> : s.never}</dd>
        <dt className="text-text-3">{s.waiting}</dt>
        <dd className="tabular-nums">{formatCount(x.waiting)}</dd>
        {crm && (
          <>
            <dt className="text-text-3">{s.linked}</dt>
            <dd className="tabular-nums">{formatCount(x.linked)}</dd>
          </>
        )}
        <dt className="text-text-3">{s.failed}</dt>
        <dd>
          <Count n={x.failed} label={s.failed} onClick={() => to("failed")} />
        </dd>
        <dt className="text-text-3">{s.conflicts}</dt>
        <dd>
          <Count n={x.conflicts} label={s.conflicts} onClick={() => to("conflicts")} />
        </dd>
      </dl>
      <div className="flex flex-wrap items-center gap-1 sm:w-60 sm:justify-end">
        {can && x.state === "needs_you" && (provider?.sign_in ? (
          <Button size="small" look="primary" busy={signIn.isPending} onClick={() => signIn.mutate()}>
            {s.reconnect}
          </Button>
        ) : (
          <Button size="small" look="primary" onClick={() => onDo("key")}>
            {s.newKey}
          </Button>
        ))}
        {can && x.state === "paused" && (
          <Button size="small" busy={resume.isPending} onClick={() => resume.mutate()}>
            {s.resume}
          </Button>
        )}
        {calendars && (
          <Button size="small" look={x.mapped ? "quiet" : "primary"} onClick={() => to("calendars")}>
            {x.mapped ? c.chosen : c.choose}
          </Button>
        )}
        {crm && (
          <Button size="small" look={x.mapped ? "quiet" : "primary"} onClick={() => to("map")}>
            {x.mapped ? s.fields : s.map}
          </Button>
        )}
        <button type="button" onClick={() => to()} className={`min-h-7 px-1 ${linkLook}`}>
          {s.log}
        </button>
        {can && (
          <Menu
            trigger={
              <Button look="quiet" size="small" aria-label={s.actionsFor(name)}>
                <Ellipsis size={16} aria-hidden />
              </Button>
            }
            entries={[
              ...(crm && x.state === "connected" ? [{ label: s.import, onSelect: () => onDo("import") }] : []),
              ...(crm && x.mapped ? [{ label: s.resync, onSelect: () => onDo("resync") }] : []),
              ...(x.state === "connected" ? [{ label: s.pause, onSelect: () => onDo("pause") }] : []),
              ...(provider?.sign_in ? [{ label: s.reconnect, onSelect: () => signIn.mutate() }] : []),
              ...(provider?.key ? [{ label: s.newKey, onSelect: () => onDo("key") }] : []),
              "line" as const,
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
