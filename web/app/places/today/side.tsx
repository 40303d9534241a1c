import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { cx } from "@/ui/cx";
import { ProblemNote, Skeleton } from "@/ui/states";
import { Tip } from "@/ui/overlay";
import { w } from "@/words";
import { formatDay } from "@/words/format";
import { mailboxesOptions, usageOptions, type Mailbox } from "./queries";

const fill = (m: Mailbox) => (m.status === "suspended" ? "bg-bad" : m.status === "pending" ? "bg-control" : m.health < 80 ? "bg-warn" : "bg-good");

/** Every mailbox as a mark that says its name, state and health. */
export function MailboxMarks() {
  const { org, slug } = useSession();
  const boxes = useQuery(mailboxesOptions(org));
  const list = boxes.data?.data ?? [];
  if (boxes.data && list.length === 0) return null;
  return (
    <Section title={w.today.boxes}>
      {boxes.isError ? (
        <ProblemNote error={boxes.error} onRetry={() => void boxes.refetch()} />
      ) : !boxes.data ? (
        <Skeleton className="my-3 h-6! w-48" />
      ) : (
        <ul className="flex flex-wrap gap-1 py-3">
          {list.map((m) => {
            const says = w.today.healthOf(m.address ?? m.id, m.health, w.today.status[m.status] ?? m.status);
            return (
              <li key={m.id}>
                <Tip text={says}>
                  <Link to={`/o/${slug}/mailboxes/${m.id}` as "/"} aria-label={says} className="flex h-7 w-6 flex-col justify-end overflow-hidden rounded-control bg-surface-2 pointer-coarse:h-11 pointer-coarse:w-11">
                    <span aria-hidden className={cx("block w-full", fill(m))} style={{ height: m.status === "suspended" ? "100%" : `${Math.max(12, m.health)}%` }} />
                  </Link>
                </Tip>
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}

/** What the plan allows, and how much of it is used. */
export function Quotas() {
  const { org, slug } = useSession();
  const usage = useQuery(usageOptions(org));
  const u = usage.data;
  const rows: [string, number, number][] = u
    ? [
        [w.today.quota.leads, u.leads_processed, u.limits.leads_per_month],
        [w.today.quota.emails, u.emails_sent, -1],
        [w.today.quota.seats, u.seats, u.limits.seats],
      ]
    : [];
  return (
    <Section
      title={w.today.quotas}
      actions={
        <Link to={`/o/${slug}/settings/usage` as "/"} className="text-table text-accent-text hover:underline">
          {u ? u.plan : ""} {u && <span className="text-text-3">{w.today.until(formatDay(u.period_to, zone()))}</span>}
        </Link>
      }
    >
      {usage.isError ? (
        <ProblemNote error={usage.error} onRetry={() => void usage.refetch()} />
      ) : !u ? (
        <Skeleton className="my-3 w-48" />
      ) : (
        <dl className="py-1 text-table">
          {rows.map(([name, used, limit]) => (
            <div key={name} className="flex min-h-8 items-center gap-3">
              <dt className="flex-1 text-text-2">{name}</dt>
              <dd className="flex items-center gap-2">
                {limit > 0 && (
                  <span aria-hidden className="block h-1.5 w-20 overflow-hidden rounded-full bg-surface-2">
                    <span className={cx("block h-full", used >= limit ? "bg-bad" : used > 0.9 * limit ? "bg-warn" : "bg-sent")} style={{ width: `${Math.min(100, (100 * used) / limit)}%` }} />
                  </span>
                )}
                {w.today.quotaOf(used, limit)}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}
