import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { linkLook, useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { SelectField } from "@/ui/field";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, NoMatch, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { webhooks as s } from "@/words/en/settings-webhooks";
import { Body } from "./row";
import type { SettingsSearch } from "./routes";
import { deliveriesOptions, type DeliveryState } from "./webhook-queries";
import { nameOf } from "./webhook-rules";

type Delivery = Schemas["WebhookDelivery"];

/** What became of each event that went to one webhook. */
export function WebhookDeliveries({ id, webhook }: { id: string; webhook?: Schemas["Webhook"] }) {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as SettingsSearch;
  const change = useChangeSearch();
  const list = useInfiniteQuery({ ...deliveriesOptions(org, id, search.kind as DeliveryState | undefined), enabled: !!webhook });
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  const back = (
    <button type="button" onClick={() => change({ filter: undefined, kind: undefined }, false)} className={`inline-flex min-h-7 items-center gap-1.5 text-table ${linkLook}`}>
      <ArrowLeft size={14} aria-hidden /> {s.back}
    </button>
  );
  return (
    <Body>
      <div className="-mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        {back}
        {webhook && <h2 className="min-w-0 flex-1 truncate text-section font-semibold">{s.log(nameOf(webhook))}</h2>}
        {webhook && (
          <SelectField
            label={s.columns.state}
            hideLabel
            className="w-44"
            value={search.kind ?? ""}
            options={[{ value: "", label: s.anyState }, ...Object.entries(s.deliveryStates).map(([value, label]) => ({ value, label }))]}
            onChange={(e) => change({ kind: e.target.value || undefined }, true)}
          />
        )}
      </div>
      {!webhook && <p className="text-text-2">{s.gone}</p>}
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {webhook && !list.data && !list.error && <SkeletonRows rows={6} />}
      {list.data && rows.length === 0 && (search.kind ? <NoMatch filters={s.deliveryStates[search.kind] ?? search.kind} onClear={() => change({ kind: undefined }, true)} /> : <Empty title={s.logEmpty} needs={s.logNeeds} />)}
      {rows.length > 0 && (
        <ScrollRegion label={s.log(webhook ? nameOf(webhook) : "")}>
          <table className="w-full min-w-[44rem] text-left text-table">
            <thead>
              <tr className="border-b text-text-3">
                {[s.columns.event, s.columns.state, s.columns.tries, s.columns.answer, s.columns.happened].map((x) => (
                  <th key={x} className="py-1.5 pr-4 font-medium">
                    {x}
                  </th>
                ))}
                <th className="w-28 py-1.5">
                  <span className="sr-only">{s.again}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((d) => (
                <Row key={d.id} delivery={d} on={!!webhook?.enabled} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {list.hasNextPage && (
        <div>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {s.more}
          </Button>
        </div>
      )}
    </Body>
  );
}

function Row({ delivery: d, on }: { delivery: Delivery; on: boolean }) {
  const { org, slug } = useSession();
  const can = useCan("webhooks:manage");
  const again = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/webhook-deliveries/{id}/redeliver", { params: { path: { id: d.id }, header: headers } }))),
    stale: () => [[org, "webhooks"]],
    done: () => toast.say(s.redelivered),
  });
  const last = d.attempts.at(-1);
  return (
    <tr className="border-b align-top">
      <td className="py-2 pr-4">
        <span className="flex flex-wrap items-center gap-2">
          <Link to={`/o/${slug}/history/${d.event_id}` as "/"} className={`mono ${linkLook}`}>
            {d.type}
          </Link>
          {d.repeated && <Chip>{s.repeat}</Chip>}
        </span>
      </td>
      <td className="py-2 pr-4">
        <Chip tone={d.state === "delivered" ? "good" : d.state === "failed" ? "bad" : "plain"}>{s.deliveryStates[d.state]}</Chip>
        {d.state === "waiting" && d.next_at && d.attempts.length > 0 && (
          <span className="block pt-0.5 text-meta text-text-3">
            {s.columns.next} <Time at={d.next_at} />
          </span>
        )}
      </td>
      <td className="py-2 pr-4 tabular-nums">{d.attempts.length}</td>
      <td className="max-w-72 py-2 pr-4">
        {last ? (
          <>
            <span className="tabular-nums">{last.status ?? s.noAnswer}</span> <span className="text-text-3">{s.took(last.milliseconds)}</span>
            {last.error && <span className="block text-meta break-words text-text-3">{last.error}</span>}
          </>
        ) : (
          <span className="text-text-3">–</span>
        )}
      </td>
      <td className="py-2 pr-4 whitespace-nowrap">
        <Time past at={d.happened_at} />
      </td>
      <td className="py-1 text-right">
        {can && on && d.state !== "waiting" && (
          <Button size="small" look="quiet" busy={again.isPending} aria-label={s.againOf(d.type)} onClick={() => again.mutate()}>
            {s.again}
          </Button>
        )}
      </td>
    </tr>
  );
}
