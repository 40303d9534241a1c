import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { useShortcuts } from "@/keys/registry";
import { Button, IconButton } from "@/ui/button";
import { ChangingCell } from "@/ui/changed";
import { cx } from "@/ui/cx";
import { ProblemNote, Skeleton } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount, formatDay } from "@/words/format";
import { rules } from "@/words/en/rules";
import { pathOfRule } from "./places";
import { planOptions } from "./queries";

const farthest = 13;
const shift = (day: string, days: number) => new Date(Date.parse(day + "T12:00:00Z") + days * 86_400_000).toISOString().slice(0, 10);

/** A table that adds up: capacity, less what each limit takes away, is the plan. */
export function Plan() {
  const { org, slug } = useSession();
  const { day } = useSearch({ strict: false }) as { day?: string };
  const change = useChangeSearch();
  const first = useQuery(planOptions(org)); // today's, by the server's calendar
  const plan = useQuery(planOptions(org, day));
  const today = first.data?.date;
  const shown = day ?? today;
  const to = (d: string) => change({ day: d === today ? undefined : d }, true);
  const back = today && shown && shown > today ? () => to(shift(shown, -1)) : undefined;
  const on = today && shown && shown < shift(today, farthest) ? () => to(shift(shown, 1)) : undefined;
  useShortcuts([
    { keys: "arrowleft", label: w.today.dayBack, group: w.shell.today, run: () => back?.() },
    { keys: "arrowright", label: w.today.dayOn, group: w.shell.today, run: () => on?.() },
  ]);
  const p = plan.data;
  const to_ = (path: string) => `/o/${slug}${path}` as "/";
  return (
    <Section
      title={day ? w.today.planOn(formatDay(day + "T12:00:00Z", "UTC")) : w.today.plan}
      actions={
        <div role="group" aria-label={w.today.planDay} className="flex items-center">
          {day && (
            <Button size="small" look="quiet" onClick={() => today && to(today)}>
              {w.today.backToToday}
            </Button>
          )}
          <IconButton size="small" label={w.today.dayBack} onClick={back} aria-disabled={!back || undefined} className={cx(!back && "opacity-60")}>
            <ChevronLeft size={16} aria-hidden />
          </IconButton>
          <IconButton size="small" label={w.today.dayOn} onClick={on} aria-disabled={!on || undefined} className={cx(!on && "opacity-60")}>
            <ChevronRight size={16} aria-hidden />
          </IconButton>
        </div>
      }
    >
      {plan.isError ? (
        <ProblemNote error={plan.error} onRetry={() => void plan.refetch()} />
      ) : !p ? (
        <div className="flex h-52 flex-col gap-4 py-3">
          {[44, 56, 40, 52].map((n) => (
            <Skeleton key={n} className="w-full max-w-md" />
          ))}
        </div>
      ) : p.mailboxes === 0 ? (
        <div className="flex flex-col items-start gap-2 py-3">
          <p>{w.today.noMailbox}</p>
          <p className="text-text-2">{w.today.noMailboxNeeds}</p>
          <Link to={to_("/mailboxes")} className="font-medium text-accent-text underline-offset-2 hover:underline">
            {w.today.connect}
          </Link>
        </div>
      ) : (
        <div className="grid gap-x-8 lg:grid-cols-[minmax(0,3fr)_minmax(12rem,2fr)]">
          <table key={p.date} className="w-full text-table">
            <tbody>
              <Row label={w.today.capacity(p.mailboxes)} of={p} n={formatCount(p.capacity)} path={to_("/mailboxes")} />
              {p.removed.map((r) => (
                <Row
                  key={r.rule}
                  label={r.text || w.today.ruleNames[r.rule] || rules[r.rule] || r.rule}
                  note={r.rule === p.bottleneck && w.today.binds}
                  of={p}
                  n={"− " + formatCount(r.count)}
                  path={to_(pathOfRule(r.rule))}
                  weight={p.capacity ? r.count / p.capacity : 0}
                />
              ))}
              <Row label={w.today.planned} of={p} n={formatCount(p.planned)} path={to_("/campaigns")} total />
            </tbody>
          </table>
          <dl className="flex flex-col gap-3 pt-3 lg:border-l lg:pl-8">
            <Part name={w.today.sentSoFar}>
              <span className="text-figure font-semibold">{formatCount(p.sent)}</span>
              <span className="ml-2 text-text-2">
                {w.rates.of} {formatCount(p.planned)}
              </span>
              <span aria-hidden className="mt-1 block h-1.5 overflow-hidden rounded-full bg-surface-2">
                <span className="block h-full bg-sent" style={{ width: `${p.planned ? (100 * p.sent) / p.planned : 0}%` }} />
              </span>
            </Part>
            <Part name={w.today.left}>{formatCount(p.left)}</Part>
            {p.next && (
              <Part name={w.today.next}>
                <Link to={to_("/leads/" + p.next.lead_id)} className="block break-words hover:underline">
                  <span className="font-medium">
                    <Time at={p.next.at} />
                  </span>{" "}
                  <span className="text-text-2">{w.today.nextSays(p.next.lead ?? "", p.next.mailbox ?? "")}</span>
                </Link>
              </Part>
            )}
          </dl>
        </div>
      )}
    </Section>
  );
}

function Row({ label, note, of, n, path, total, weight }: { label: string; note?: ReactNode; of: unknown; n: string; path: "/"; total?: boolean; weight?: number }) {
  return (
    <tr data-total={total || undefined} className={cx("relative h-9 hover:bg-surface-1", total ? "border-t-2 border-control font-semibold" : "border-b last:border-b-0")}>
      <th scope="row" className="pr-3 text-left font-normal in-data-total:font-semibold">
        <Link to={path} className="after:absolute after:inset-0">
          {label}
        </Link>
        {note && <span className="ml-2 text-meta font-normal text-warn">{note}</span>}
      </th>
      <td aria-hidden className="hidden w-28 sm:table-cell">
        {!!weight && <span className="block h-1.5 rounded-full bg-control" style={{ width: `${Math.max(2, Math.min(100, 100 * weight))}%` }} />}
      </td>
      <ChangingCell as="td" of={of} className="w-20 text-right whitespace-nowrap">
        {n}
      </ChangingCell>
    </tr>
  );
}

const Part = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt className="text-meta text-text-3">{name}</dt>
    <dd>{children}</dd>
  </div>
);
