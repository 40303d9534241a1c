import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { billing as s, money } from "@/words/en/billing";
import { formatCount, formatDay } from "@/words/format";
import { ExtraLeads } from "./extra-leads";
import { billingOptions, previewOptions } from "./billing-queries";

/** What exceeds the plan and waits for room; nothing where nothing does. */
export function Exceeded() {
  const { org, slug } = useSession();
  const x = useQuery(billingOptions(org)).data?.exceeded;
  if (!x) return null;
  return (
    <Section title={s.exceeded}>
      <ul className="list-disc pt-2 pl-5">
        {x.mailboxes.length > 0 && (
          <li>
            <Link to={`/o/${slug}/mailboxes` as "/"} className="text-accent-text hover:underline">
              {s.exceededMailboxes(x.mailboxes.length)}
            </Link>
          </li>
        )}
        {x.members.length > 0 && (
          <li>
            <Link to={`/o/${slug}/settings/people` as "/"} className="text-accent-text hover:underline">
              {s.exceededMembers(x.members.length)}
            </Link>
          </li>
        )}
        {x.leads_stored > 0 && <li>{s.exceededStored(x.leads_stored)}</li>}
        {x.leads_processed > 0 && <li>{s.exceededProcessed(x.leads_processed)}</li>}
      </ul>
      <p className="pt-2 text-table text-text-3">{s.exceededHint}</p>
    </Section>
  );
}

/** What can be bought or changed to, with its price; what was agreed. Nothing where nothing is sold and nothing is special. */
export function PlanChoice() {
  const { org } = useSession();
  const state = useQuery(billingOptions(org));
  const can = useCan("billing:manage");
  const [changing, setChanging] = useState<Schemas["Offer"]>();
  const buy = useWrite({ run: async (plan: string, headers) => must(api.POST("/v1/billing/checkout", { params: { header: headers }, body: { plan } })), done: (_, page) => location.assign(page.url) });
  const b = state.data;
  if (!b) return null;
  const live = b.subscription && !["canceled", "incomplete_expired", "incomplete"].includes(b.subscription.status);
  const own = b.offers.find((o) => o.plan === b.plan);
  return (
    <>
      {b.offers.length > 0 && (
        <ul aria-label={w.settings.usage.plans} className="grid gap-x-px gap-y-4 py-4 sm:grid-cols-3">
          {b.offers.map((o) => (
            <li key={o.plan} className="flex flex-col items-start gap-1 border-l-2 py-1 pl-4" style={{ borderColor: o.plan === b.plan ? "var(--accent)" : "var(--line)" }}>
              <span className="font-medium">{w.settings.usage.planName(o.plan)}</span>
              <span className="text-table text-text-2">{s.each(money(o.amount, o.currency), o.interval)}</span>
              {o.extra_lead_amount ? <span className="text-meta text-text-3">{s.extraLead(money(o.extra_lead_amount, o.currency))}</span> : null}
              {o.plan === b.plan && live ? (
                <span className="text-meta text-accent-text">{w.settings.usage.yours}</span>
              ) : (
                can && (
                  <Button size="small" className="mt-1" busy={buy.isPending && buy.variables === o.plan} onClick={() => (live ? setChanging(o) : buy.mutate(o.plan))}>
                    {live ? s.change(w.settings.usage.planName(o.plan)) : s.buy(w.settings.usage.planName(o.plan))}
                  </Button>
                )
              )}
            </li>
          ))}
        </ul>
      )}
      {live && can && own?.extra_lead_amount ? <ExtraLeads allowed={b.extra_leads} amount={own.extra_lead_amount} currency={own.currency} /> : null}
      {b.demo && <p className="pb-2 text-table text-text-3">{s.demo}</p>}
      {Object.keys(b.overrides).length > 0 && (
        <p className="pb-2 text-table text-text-2">
          {s.agreed}: {Object.entries(b.overrides).map(([k, n]) => `${w.settings.usage.limits[k as keyof typeof w.settings.usage.limits] ?? k}: ${n < 0 ? w.settings.usage.unlimited : formatCount(n)}`).join(", ")}
        </p>
      )}
      {changing && <Change to={changing} from={own} onClose={() => setChanging(undefined)} />}
    </>
  );
}

/** A change of plan with its cost, before it is done. */
function Change({ to, from, onClose }: { to: Schemas["Offer"]; from?: Schemas["Offer"]; onClose: () => void }) {
  const { org } = useSession();
  const preview = useQuery(previewOptions(org, to.plan));
  const name = w.settings.usage.planName(to.plan);
  const change = useWrite({
    run: async (at: string, headers) => must(api.PUT("/v1/billing/subscription", { params: { header: headers }, body: { plan: to.plan, at } })),
    stale: () => [[org, "billing"], [org, "usage"], [org, "organization"]],
    done: () => {
      onClose();
      toast.say(s.changed(name));
    },
  });
  const p = preview.data;
  return (
    <Confirm title={s.changeAsk(name)} about={from && to.amount < from.amount ? s.smaller : undefined} action={!p ? s.change(name) : p.due_now < 0 ? s.changeBack(name, money(-p.due_now, p.currency)) : s.changeDo(name, money(p.due_now, p.currency))} busy={change.isPending} why={p ? undefined : w.states.loading} onDo={() => p && change.mutate(p.at)} onClose={onClose}>
      {preview.error ? (
        <ProblemNote error={preview.error} onRetry={() => void preview.refetch()} />
      ) : !p ? (
        <SkeletonRows rows={3} />
      ) : (
        <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-2">
          {p.lines
            .filter((l) => l.kind === "proration")
            .map((l) => (
              <div key={l.n} className="contents text-table text-text-2">
                <dt>{l.description}</dt>
                <dd className="text-right tabular-nums">{money(l.amount, p.currency)}</dd>
              </div>
            ))}
          <dt className="font-medium">{p.due_now < 0 ? s.credit : s.dueNow}</dt>
          <dd className="text-right font-medium tabular-nums">{money(p.due_now, p.currency)}</dd>
          <dt className="border-t pt-2">{s.next(formatDay(p.next_at, zone()))}</dt>
          <dd className="border-t pt-2 text-right tabular-nums">{money(p.next_amount, p.currency)}</dd>
        </dl>
      )}
    </Confirm>
  );
}
