import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { billing as s } from "@/words/en/billing";
import { platform } from "./client";
import { Change } from "./organizations";
import { PlansHere } from "./plans";
import { comparisonOptions, stoppedOptions } from "./queries";
import { TableRegion } from "@/ui/scroll-region";

/** Whom the bill has stopped, whether the payment provider and we agree, and what is sold. */
export function Payments() {
  return (
    <div className="flex max-w-5xl flex-col gap-8 px-4 py-4 sm:px-6">
      <Stopped />
      <Comparison />
      <PlansHere />
    </div>
  );
}

function Comparison() {
  const found = useQuery(comparisonOptions());
  const compare = useWrite({
    run: () => must(platform.POST("/v1/admin/billing")),
    stale: () => [["operator", "billing"]],
    onProblem: (err: ProblemError) => {
      if (err.status !== 404) return false;
      toast.say(s.notSold);
      return true;
    },
  });
  const c = found.data;
  if (found.error) return <ProblemNote error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <Section
      title={s.agreement}
      actions={
        <Button size="small" busy={compare.isPending || Boolean(c && !c.ended_at)} onClick={() => compare.mutate()}>
          {s.compare}
        </Button>
      }
    >
      <p className="py-3">
        {found.isPending ? (
          w.states.loading
        ) : !c ? (
          s.neverCompared
        ) : !c.ended_at ? (
          s.comparing
        ) : (
          <>
            <Chip tone={c.error ? "bad" : c.differences.length ? "warn" : "good"}>{c.error ? s.incomplete : c.differences.length ? s.differs(c.differences.length) : s.agrees}</Chip> {s.compared(c.customers)}, <Time past at={c.ended_at} />
            {c.open_notifications > 0 && `. ${s.waiting(c.open_notifications)}`}
          </>
        )}
      </p>
      {c?.error && <p className="pb-3 text-table break-words text-bad">{c.error}</p>}
      {c && c.differences.length > 0 && (
        <TableRegion label={s.differs(c.differences.length)} heads={[s.organization, s.object, s.field, s.theirs, s.ours, ""]}>
          {c.differences.map((d) => (
            <tr key={d.organization_id + d.object + d.field} className="border-b">
              <th scope="row" className="max-w-60 truncate py-1.5 pr-4 text-left font-normal">
                <Link to="/operator" search={{ q: d.organization_id }} className="text-accent-text hover:underline">
                  {d.organization_name || d.organization_id}
                </Link>
              </th>
              <td className="mono pr-4 whitespace-nowrap">{d.object}</td>
              <td className="pr-4">{d.field.replaceAll("_", " ")}</td>
              <td className="max-w-60 truncate pr-4" title={d.provider}>
                {d.provider}
              </td>
              <td className="max-w-60 truncate pr-4" title={d.ours}>
                {d.ours || "–"}
              </td>
              <td>
                <Chip tone={d.mended ? "good" : "bad"}>{d.mended ? s.mended : s.notMended}</Chip>
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
    </Section>
  );
}

const statuses = w.settings.organization.statuses;

function Stopped() {
  const list = useQuery(stoppedOptions());
  const [open, setOpen] = useState<Schemas["Organization"]>();
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  return (
    <Section title={s.stopped}>
      {!list.data ? (
        <SkeletonRows rows={2} />
      ) : list.data.length === 0 ? (
        <p className="py-3 text-text-2">{s.noneStopped}</p>
      ) : (
        <TableRegion label={s.stopped} heads={[s.organization, w.operator.plan, w.operator.status, s.why, s.then]}>
          {list.data.map(({ organization: o }) => (
            <tr key={o.id} className="border-b hover:bg-surface-1">
              <th scope="row" className="max-w-60 truncate py-0 pr-4 text-left font-normal">
                <button type="button" className="min-h-8 max-w-full truncate text-accent-text hover:underline" onClick={() => setOpen(o)}>
                  {o.name}
                </button>
              </th>
              <td className="pr-4">{w.settings.usage.planName(o.plan)}</td>
              <td className="pr-4 whitespace-nowrap">
                <Chip tone={o.status === "past_due" ? "warn" : "bad"}>{statuses[o.status]}</Chip>
              </td>
              <td className="pr-4 text-text-2">{o.status_reason}</td>
              <td className="whitespace-nowrap text-text-2">
                {o.next_status_at ? (
                  <>
                    {statuses[o.next_status!]} <Time at={o.next_status_at} />
                  </>
                ) : (
                  s.nothingComes
                )}
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
      {open && <Change organization={open} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}
