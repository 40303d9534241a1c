import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useNow } from "@/app/clock";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { cx } from "@/ui/cx";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatCount, formatDay } from "@/words/format";
import { billingOptions } from "./billing-queries";
import { limitName, limitText } from "./limit-text";
import { Exceeded, PlanChoice } from "./plan-choice";
import { plansOptions, usageOptions } from "./queries";
import { Body } from "./row";
import { runsOut } from "./usage-rules";

const s = w.settings.usage;

export default function UsageSection() {
  const { org, slug, me } = useSession();
  const usage = useQuery(usageOptions(org));
  const plans = useQuery(plansOptions());
  const state = useQuery(billingOptions(org));
  const now = useNow();
  if (usage.error) return <ProblemNote error={usage.error} onRetry={() => void usage.refetch()} />;
  const u = usage.data;
  if (!u) return <SkeletonRows rows={5} />;
  const day = (d: string | Date) => formatDay(d, zone());
  const people = (path: string, text: ReactNode, search: Record<string, string> = {}) => (
    <Link to={`/o/${slug}${path}` as "/"} search={search as never} className="text-accent-text hover:underline">
      {text}
    </Link>
  );
  // The events that a number counts, as the server says where they are.
  const events = (path: string | undefined, n: number, text = formatCount(n)) => (n > 0 && path && me.permissions.includes("audit:read") ? people("/history", text, Object.fromEntries(new URL(path, "http://events.test").searchParams)) : text);
  const size = (n: number) => (n < 0 ? Infinity : n);
  const ordered = [...(plans.data ?? [])].sort((a, b) => size(a.limits.leads_per_month) - size(b.limits.leads_per_month));
  const limits = Object.keys(u.limits) as (keyof typeof u.limits)[];
  return (
    <Body>
      <Exceeded />
      <Section title={s.period(day(u.period_from), day(u.period_to))}>
        <dl className="grid gap-x-8 sm:grid-cols-2">
          <Bar label={s.processed} used={u.leads_processed} limit={u.limits.leads_per_month} note={u.limits.leads_per_month < 0 ? "" : note(runsOut(u.leads_processed, u.limits.leads_per_month, u.period_from, u.period_to, now), day, day(u.period_to))}>
            {events(u.periods[0]?.leads_events, u.leads_processed)}
          </Bar>
          <Bar label={s.seats} used={u.seats} limit={u.limits.seats} note={s.seatsNote}>
            {people("/settings/people", formatCount(u.seats))}
          </Bar>
          {u.lines
            .filter((l) => l.key === "leads_stored" || l.key === "mailboxes")
            .map((l) => (
              <Bar key={l.key} label={s.limits[l.key]!} used={l.used} limit={l.limit ?? -1} note="">
                {people(l.key === "mailboxes" ? "/mailboxes" : "/leads", formatCount(l.used))}
              </Bar>
            ))}
          <Figure label={s.sent} note={s.sentNote}>
            {events(u.periods[0]?.emails_events, u.emails_sent)}
          </Figure>
          <Bar
            label={s.models}
            used={u.ai_cost_micros}
            limit={u.limits.ai_budget_micros}
            limitText={s.dollars(u.limits.ai_budget_micros / 1_000_000)}
            note={u.limits.ai_budget_micros < 0 ? "" : modelsNote(runsOut(u.ai_cost_micros, u.limits.ai_budget_micros, u.period_from, u.period_to, now), day, day(u.period_to))}
          >
            {events(u.periods[0]?.ai_events, u.ai_cost_micros, s.money(u.ai_cost_micros))}
          </Bar>
          <Figure label={s.calls} note={s.callsNote(u.limits.api_requests_per_minute)}>
            {formatCount(u.api_calls)}
          </Figure>
        </dl>
      </Section>
      {u.periods.length > 1 && (
        <Section title={s.periods}>
          <ScrollRegion label={s.periods}>
            <table className="w-full text-table">
              <thead className="text-text-3">
                <tr className="border-b">
                  {[s.billed, s.processed, s.sent, s.calls, s.models].map((h, i) => (
                    <th key={h} scope="col" className={cx("py-2 pr-4 font-medium whitespace-nowrap", i ? "text-right" : "text-left")}>
                      {h}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {u.periods.map((p) => (
                  <tr key={p.from} className="border-b">
                    <th scope="row" className="py-1.5 pr-4 text-left font-normal whitespace-nowrap">
                      {day(p.from)} – {day(p.to)}
                    </th>
                    <td className="py-1.5 pr-4 text-right">{events(p.leads_events, p.leads_processed)}</td>
                    <td className="py-1.5 pr-4 text-right">{events(p.emails_events, p.emails_sent)}</td>
                    <td className="py-1.5 pr-4 text-right">{formatCount(p.api_calls)}</td>
                    <td className="py-1.5 pr-4 text-right">{events(p.ai_events, p.ai_cost_micros, s.money(p.ai_cost_micros))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </Section>
      )}
      <Section title={s.plans}>
        <PlanChoice />
        <ScrollRegion label={s.limit}>
          <table className="text-table">
            <thead>
              <tr className="border-b">
                <th scope="col" className="sticky left-0 min-w-56 bg-surface-0 py-2 pr-4 text-left font-medium text-text-3 max-sm:min-w-36">
                  {s.limit}
                </th>
                {ordered.map((p) => (
                  <th key={p.name} scope="col" className={cx("min-w-28 px-3 py-2 text-right font-medium", p.name === u.plan && "bg-accent-soft text-accent-text")}>
                    {s.planName(p.name)}
                    {p.name === u.plan && <span className="block text-meta font-normal">{s.yours}</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {limits.map((k) => (
                <tr key={k} className="border-b">
                  <th scope="row" className="sticky left-0 bg-surface-0 py-1.5 pr-4 text-left font-normal">
                    {limitName(k)}
                  </th>
                  {ordered.map((p) => (
                    <td key={p.name} className={cx("px-3 text-right", p.name === u.plan && "bg-accent-soft")}>
                      {limitText(k, p.limits[k])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
        {state.data?.provider === "none" && <p className="pt-3 text-table text-text-3">{s.change}</p>}
      </Section>
    </Body>
  );
}

function note(r: ReturnType<typeof runsOut>, day: (d: Date) => string, end: string) {
  return r.kind === "on" ? s.runsOut(day(r.at)) : r.kind === "reached" ? s.reached(end) : s.lasts(end);
}

const modelsNote = (r: ReturnType<typeof runsOut>, day: (d: Date) => string, end: string) => (r.kind === "reached" ? s.modelsReached(end) : note(r, day, end));

function Bar({ label, used, limit, limitText, note, children }: { label: string; used: number; limit: number; limitText?: string; note: string; children: ReactNode }) {
  const share = limit > 0 ? Math.min(1, used / limit) : 0;
  return (
    <div className="border-b py-4">
      <dt className="text-table text-text-2">{label}</dt>
      <dd className="mt-1">
        <span className="text-section font-semibold">{children}</span> <span className="text-text-3">{limit < 0 ? s.ofUnlimited : limitText ? s.ofText(limitText) : s.of(limit)}</span>
        {limit >= 0 && (
          <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={used} className="mt-2 h-1.5 overflow-hidden rounded-full bg-surface-2">
          <div className={cx("h-full", share >= 1 ? "bg-bad" : share > 0.85 ? "bg-warn" : "bg-accent")} style={{ width: `${share * 100}%` }} />
          </div>
        )}
        <p className="mt-1.5 text-meta text-text-3">{note}</p>
      </dd>
    </div>
  );
}

function Figure({ label, note, children }: { label: string; note: string; children: ReactNode }) {
  return (
    <div className="border-b py-4">
      <dt className="text-table text-text-2">{label}</dt>
      <dd className="mt-1">
        <span className="text-section font-semibold">{children}</span>
        <p className="mt-1 text-meta text-text-3">{note}</p>
      </dd>
    </div>
  );
}
