import { useQuery } from "@tanstack/react-query";
import { must } from "@/api/client";
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
import { comparisonOptions, stoppedOptions } from "./queries";

/** Whether the payment provider and we agree, and whom the bill has stopped. */
export function Payments() {
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
    <div className="flex max-w-5xl flex-col gap-8 px-4 py-4 sm:px-6">
      <Section title={s.comparison}>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <p className="min-w-0 flex-1 basis-60">
            {found.isPending ? (
              w.states.loading
            ) : !c ? (
              s.neverCompared
            ) : !c.ended_at ? (
              s.comparing
            ) : (
              <>
                <Chip tone={c.error ? "bad" : c.differences.length ? "warn" : "good"}>{c.error || (c.differences.length ? s.differs(c.differences.length) : s.agrees)}</Chip> {s.compared(c.customers)}, <Time at={c.ended_at} />
                {c.open_notifications > 0 && `. ${s.waiting(c.open_notifications)}`}
              </>
            )}
          </p>
          <Button busy={compare.isPending || Boolean(c && !c.ended_at)} onClick={() => compare.mutate()}>
            {s.compare}
          </Button>
        </div>
        {c && c.differences.length > 0 && (
          <div role="region" aria-label={s.differs(c.differences.length)} tabIndex={0} className="mt-3 overflow-x-auto">
            <table className="w-full text-table">
              <thead className="text-text-3">
                <tr className="border-b">
                  {[s.object, s.field, s.theirs, s.ours, "", s.organization].map((h, i) => (
                    <th key={i} scope="col" className="py-2 pr-4 text-left font-medium whitespace-nowrap">
                      {h}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {c.differences.map((d) => (
                  <tr key={d.object + d.field} className="border-b">
                    <th scope="row" className="mono py-1.5 pr-4 text-left font-normal">
                      {d.object}
                    </th>
                    <td className="pr-4">{d.field}</td>
                    <td className="max-w-60 truncate pr-4">{d.provider}</td>
                    <td className="max-w-60 truncate pr-4">{d.ours || "–"}</td>
                    <td className="pr-4">
                      <Chip tone={d.mended ? "good" : "bad"}>{d.mended ? s.mended : s.notMended}</Chip>
                    </td>
                    <td className="mono">{d.organization_id}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Section>
      <Stopped />
    </div>
  );
}

function Stopped() {
  const list = useQuery(stoppedOptions());
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  return (
    <Section title={s.stopped}>
      {!list.data ? (
        <SkeletonRows rows={2} />
      ) : list.data.length === 0 ? (
        <p className="text-text-2">{s.noneStopped}</p>
      ) : (
        <ul>
          {list.data.map(({ organization: o }) => (
            <li key={o.id} className="flex min-h-9 flex-wrap items-center gap-x-4 border-b">
              <span className="min-w-0 flex-1 basis-40 truncate font-medium">{o.name}</span>
              <span className="text-text-2">{o.plan}</span>
              <Chip tone={o.status === "past_due" ? "warn" : "bad"}>{w.settings.organization.statuses[o.status]}</Chip>
              <span className="text-table text-text-3">{o.status_reason}</span>
              {o.next_status_at && (
                <span className="text-table text-text-3">
                  {w.settings.organization.statuses[o.next_status!]} <Time at={o.next_status_at} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
