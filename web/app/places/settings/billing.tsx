import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { Chip, type Tone } from "@/ui/chip";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { billing as s, money } from "@/words/en/billing";
import { formatDay } from "@/words/format";
import { billingOptions, invoicesOptions } from "./billing-queries";
import { Invoice } from "./invoice";
import { Body } from "./row";
import type { SettingsSearch } from "./routes";

const tones: Record<string, Tone> = { active: "good", trialing: "good", past_due: "warn", incomplete: "warn", unpaid: "bad", canceled: "bad", paused: "warn", paid: "good", open: "warn", uncollectible: "bad" };

/** What is subscribed to, and what was paid. */
export default function BillingSection() {
  const { org, slug } = useSession();
  const state = useQuery(billingOptions(org));
  const { filter } = useSearch({ strict: false }) as SettingsSearch;
  if (state.error) return <ProblemNote error={state.error} onRetry={() => void state.refetch()} />;
  if (!state.data) return <SkeletonRows rows={5} />;
  const b = state.data;
  return (
    <Body>
      <div className="flex flex-col gap-2 empty:hidden">
        {b.demo && <Note>{s.demo}</Note>}
        {filter === "paid" && <Note>{b.subscription?.status === "active" ? s.paidNow(w.settings.usage.planName(b.subscription.plan)) : s.paid}</Note>}
        {filter === "left" && <Note>{s.left}</Note>}
        <PastDue state={b} />
      </div>
      <Section title={s.subscription}>
        {b.subscription ? (
          <Subscribed of={b} sub={b.subscription} />
        ) : (
          <p className="py-3 text-text-2">
            {b.provider === "none" ? s.none : s.noSubscription}{" "}
            {b.provider !== "none" && (
              <Link to={`/o/${slug}/settings/usage` as "/"} className="text-accent-text hover:underline">
                {s.toPlans}
              </Link>
            )}
          </p>
        )}
      </Section>
      <Invoices />
    </Body>
  );
}

function Note({ children }: { children: React.ReactNode }) {
  return (
    <p role="status" className="rounded-control bg-surface-1 px-3 py-2 text-table text-text-2">
      {children}
    </p>
  );
}

function usePortal() {
  const { org } = useSession();
  return useWrite({ run: () => must(api.POST("/v1/billing/portal")), stale: () => [[org, "billing"]], done: (_: void, page) => location.assign(page.url) });
}

/** The strip of a payment that is missing, with the day on which sending stops. */
function PastDue({ state }: { state: Schemas["Billing"] }) {
  const { org } = useSession();
  const organization = useQuery(organizationOptions(org));
  const portal = usePortal();
  const can = useCan("billing:manage");
  const o = organization.data;
  const f = state.failed;
  if (!f && o?.status_cause !== "payment") return null;
  const day = (d?: string | null) => (d ? formatDay(d, zone()) : "");
  const said = [
    f && s.failed(money(f.amount_due, f.currency), f.number, f.attempt),
    o?.status === "past_due" && o.next_status_at && s.stops(day(o.next_status_at)),
    o?.status === "suspended" && o.next_status_at && s.closes(day(o.next_status_at)),
    f?.next_attempt_at && s.tryAgain(day(f.next_attempt_at)),
  ].filter(Boolean);
  if (said.length === 0) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-control bg-warn-soft px-3 py-2 text-table text-warn">
      <span className="min-w-0 flex-1 basis-60">{said.join(" ")}</span>
      {can && state.customer && state.provider !== "none" && (
        <Button size="small" busy={portal.isPending} onClick={() => portal.mutate()}>
          {s.payNow}
        </Button>
      )}
    </div>
  );
}

function Subscribed({ of, sub }: { of: Schemas["Billing"]; sub: Schemas["Subscription"] }) {
  const { org } = useSession();
  const can = useCan("billing:manage") && of.provider !== "none";
  const [asking, setAsking] = useState(false);
  const portal = usePortal();
  const day = formatDay(sub.ended_at ?? sub.period_to, zone());
  const stale = () => [[org, "billing"], [org, "organization"], [org, "usage"]];
  const end = useWrite({
    run: async (_: void, headers) => must(api.DELETE("/v1/billing/subscription", { params: { header: headers } })),
    stale,
    done: () => {
      setAsking(false);
      toast.say(s.ending);
    },
  });
  const resume = useWrite({ run: async (_: void, headers) => must(api.POST("/v1/billing/subscription/resume", { params: { header: headers } })), stale, done: () => toast.say(s.resumed) });
  const over = sub.status === "canceled" || sub.status === "incomplete_expired";
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <span className="text-section font-semibold">{w.settings.usage.planName(sub.plan)}</span> <Chip tone={tones[sub.status]}>{s.statuses[sub.status]}</Chip>
        <p className="mt-1 text-table text-text-3">{over ? s.ended(day) : sub.cancel_at_period_end ? s.ends(day) : s.renews(day)}</p>
      </div>
      {can && (
        <div className="flex flex-wrap gap-2">
          {of.customer && (
            <Button title={s.portalHint} busy={portal.isPending} onClick={() => portal.mutate()}>
              {s.portal}
            </Button>
          )}
          {!over && (sub.cancel_at_period_end ? <Button look="primary" busy={resume.isPending} onClick={() => resume.mutate()}>{s.resume}</Button> : <Button onClick={() => setAsking(true)}>{s.end}</Button>)}
        </div>
      )}
      {asking && (
        <Confirm title={s.endAsk(day)} about={s.endHint} action={s.endDo(day)} danger busy={end.isPending} onDo={() => end.mutate()} onClose={() => setAsking(false)} />
      )}
    </div>
  );
}

function Invoices() {
  const { org, me } = useSession();
  const list = useInfiniteQuery({ ...invoicesOptions(org), enabled: me.permissions.includes("billing:manage") });
  const [open, setOpen] = useState<string>();
  if (!me.permissions.includes("billing:manage")) return null;
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const rows = list.data?.pages.flatMap((p) => p.data);
  return (
    <Section title={s.invoices}>
      {!rows ? (
        <SkeletonRows rows={3} />
      ) : rows.length === 0 ? (
        <Empty title={s.noInvoices} />
      ) : (
        <ScrollRegion label={s.invoices}>
          <table className="w-full text-table">
            <thead className="text-text-3">
              <tr className="border-b">
                {[s.number, s.date, s.status, s.total].map((h, i) => (
                  <th key={h} scope="col" className={`py-2 pr-4 font-medium whitespace-nowrap ${i === 3 ? "text-right" : "text-left"}`}>
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((i) => (
                <tr key={i.id} className="border-b hover:bg-surface-1">
                  <th scope="row" className="py-0 pr-4 text-left font-normal whitespace-nowrap">
                    <button type="button" className="min-h-8 text-accent-text hover:underline" onClick={() => setOpen(i.id)}>
                      {i.number || s.draft}
                    </button>
                  </th>
                  <td className="pr-4 whitespace-nowrap">{formatDay(i.created_at, zone())}</td>
                  <td className="pr-4 whitespace-nowrap">
                    <Chip tone={tones[i.status]}>{s.invoiceStatuses[i.status]}</Chip>
                  </td>
                  <td className="pr-4 text-right whitespace-nowrap tabular-nums">{money(i.total, i.currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {list.hasNextPage && (
            <Button className="mt-3" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {s.more}
            </Button>
          )}
        </ScrollRegion>
      )}
      {open && <Invoice id={open} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}
