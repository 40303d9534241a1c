import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Fragment, lazy, Suspense } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { BarChart } from "@/ui/chart/bars";
import { loadPart } from "@/ui/load-part";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { warmup as p } from "@/words/en/warmup";
import { healthOptions, warmupOptions } from "./queries";

type Plan = Schemas["WarmupPlan"];

const HealthEvents = lazy(() => loadPart(() => import("./health-events")));

/** How a mailbox warms up, day by day, and what its health is made of. */
export default function Warmup({ id }: { id: string }) {
  return (
    <>
      <Curve id={id} />
      <Parts id={id} />
    </>
  );
}

function Curve({ id }: { id: string }) {
  const { org } = useSession();
  const may = useMay("mailboxes:write");
  const asked = useQuery(warmupOptions(org, id));
  const save = useWrite({
    run: (plan: Plan, header) => must(api.PUT("/v1/mailboxes/{id}/warmup", { params: { path: { id }, header }, body: plan })),
    stale: () => [
      [org, "mailboxes"],
      [org, "plan"],
    ],
    done: () => void toast.say(p.saved),
  });
  const d = asked.data;
  const days = [...(d?.days ?? []).map((x) => ({ day: x.day, planned: x.planned, cap: x.cap })), ...(d?.ahead ?? []).map((x) => ({ day: x.day, planned: x.planned, cap: 0 }))];
  return (
    <Section
      title={p.title}
      actions={
        d &&
        may && (
          <Button busy={save.isPending} onClick={() => save.mutate(d.by_stages ? { start: 0, stages: [] } : d.suggested)}>
            {d.by_stages ? p.withoutStages : p.byStages}
          </Button>
        )
      }
    >
      {asked.isPending && <SkeletonRows rows={4} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {d && (
        <>
          <p className="py-2 text-text-2">{d.by_stages ? p.stage(d.stage ?? 1, d.stages?.length ?? 0, d.cap, d.full_cap) : p.byCalendar(d.cap, d.full_cap)}</p>
          <BarChart
            title={p.chart}
            sentence={p.chartAbout}
            series={[
              { name: p.planned, color: "var(--machines)", hatched: true },
              { name: p.actual, color: "var(--good)" },
            ]}
            points={days.map((x) => ({ id: x.day, label: x.day.slice(8), long: x.day, values: [x.planned, x.cap] }))}
          />
          {d.days.slice(-5).map((x) => (
            <p key={x.event_id} className="border-b py-2 text-table text-text-2">
              {x.day}: {x.text}
            </p>
          ))}
        </>
      )}
    </Section>
  );
}

function Parts({ id }: { id: string }) {
  const { org } = useSession();
  const asked = useQuery(healthOptions(org, id));
  const d = asked.data;
  return (
    <Section title={p.health}>
      {asked.isPending && <SkeletonRows rows={7} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {d && (
        <>
          <Sum id={id} of="mailbox" title={p.ofMailbox} sum={d.mailbox} />
          {d.domain.mailboxes > 1 && <Sum id={id} of="domain" title={p.ofDomain(d.domain.mailboxes)} sum={d.domain} />}
          {d.requalification && (
            <div className="py-3">
              <p className="font-medium">{p.toGoOn}</p>
              <ul className="list-disc pl-5">
                {d.requalification.needs.map((x) => (
                  <li key={x}>{x}</li>
                ))}
              </ul>
              {d.requalification.at && <Time at={d.requalification.at} />}
            </div>
          )}
        </>
      )}
    </Section>
  );
}

function Sum({ id, of, title, sum }: { id: string; of: "mailbox" | "domain"; title: string; sum: Schemas["HealthSum"] }) {
  const { counted } = useSearch({ strict: false }) as { counted?: string };
  const change = useChangeSearch();
  return (
    <table className="my-2 w-full text-table">
      <caption className="py-1 text-left font-medium">
        {title}: {sum.health}
      </caption>
      <tbody>
        {sum.parts.map((x) => {
          const name = of + "." + x.part;
          const open = counted === name;
          return (
            <Fragment key={x.part}>
              <tr className={open ? "" : "border-b"}>
                <th scope="row" className="py-1.5 pr-3 text-left font-normal">
                  {x.text}
                </th>
                <td className="num pr-3 text-right text-text-2">
                  <button type="button" aria-expanded={open} aria-label={p.countedEvents(x.text)} className="min-h-6 rounded-control text-accent-text hover:underline" onClick={() => change({ counted: open ? undefined : name }, true)}>
                    {x.part === "authentication" ? (p.outcomes[x.outcome ?? ""] ?? p.notChecked) : p.countOf(x.count ?? 0, x.of ?? 0)}
                  </button>
                </td>
                <td className="pr-3 text-right text-text-2">{x.enough ? (x.high ? p.between(x.low ?? 0, x.high) : "") : x.part === "authentication" ? "" : p.tooFew}</td>
                <td className="num text-right">{p.points(x.points ?? 0)}</td>
              </tr>
              {open && (
                <tr className="border-b">
                  <td colSpan={4} className="pb-2 pl-4">
                    <Suspense>
                      <HealthEvents id={id} of={of} part={x.part} />
                    </Suspense>
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
