import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { limitName, limitText } from "@/app/places/settings/limit-text";
import { Section } from "@/app/page";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { billing as s, money } from "@/words/en/billing";
import { plansOptions } from "./queries";
import { TableRegion } from "@/ui/scroll-region";

const shown: (keyof Schemas["Limits"])[] = ["leads_per_month", "leads_stored", "mailboxes", "seats", "ai_budget_micros"];

/** What there is to be had, with its price where it is sold. */
export function PlansHere() {
  const plans = useQuery(plansOptions());
  if (plans.error) return <ProblemNote error={plans.error} onRetry={() => void plans.refetch()} />;
  const size = (n: number) => (n < 0 ? Infinity : n);
  const rows = [...(plans.data ?? [])].sort((a, b) => size(a.limits.leads_per_month) - size(b.limits.leads_per_month));
  return (
    <Section title={s.plansHere}>
      <p className="py-3 text-text-2">{s.plansAbout}</p>
      {!plans.data ? (
        <SkeletonRows rows={3} />
      ) : (
        <TableRegion label={s.plansHere} right heads={[w.operator.plan, s.price, ...shown.map(limitName)]}>
          {rows.map((p) => (
            <tr key={p.name} className="border-b">
              <th scope="row" className="py-1.5 pr-4 text-left font-normal whitespace-nowrap">
                <Link to="/operator" search={{ q: p.name }} aria-label={s.whoHas(p.name)} className="text-accent-text hover:underline">
                  {w.settings.usage.planName(p.name)}
                </Link>
              </th>
              <td className="pr-4 text-right whitespace-nowrap tabular-nums">{p.offer ? s.each(money(p.offer.amount, p.offer.currency), p.offer.interval) : <span className="text-text-3">{s.notPriced}</span>}</td>
              {shown.map((k) => (
                <td key={k} className="pr-4 text-right whitespace-nowrap tabular-nums">
                  {limitText(k, p.limits[k])}
                </td>
              ))}
            </tr>
          ))}
        </TableRegion>
      )}
    </Section>
  );
}
