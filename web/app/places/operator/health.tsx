import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { platformHealth as s } from "@/words/en/platform-health";
import { formatCount } from "@/words/format";
import { platform } from "./client";

type Found = Schemas["PlatformHealth"];

const healthOptions = () => ({ queryKey: ["operator", "health"], queryFn: () => must(platform.GET("/v1/platform/health")), refetchInterval: 5000 });

/** What the installation stands on: engines, partitions of the log, projections; asked anew every five seconds. */
export default function Health() {
  const asked = useQuery(healthOptions());
  const f = asked.data;
  if (!f) return asked.error ? <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} /> : <SkeletonRows />;
  const stopped = f.projections.reduce((n, p) => n + p.stopped.length, 0);
  return (
    <div className="flex max-w-6xl flex-col gap-8 px-4 py-4 pb-12 sm:px-6">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Chip tone={f.ready ? "good" : "bad"}>{f.ready ? s.ready : s.notReady}</Chip>
        <span>{s.version(f.version)}</span>
        <span className="text-text-2">{s.processes(f.processes)}</span>
        <span className="text-text-2">{s.limits(f.limits)}</span>
        <span className="ml-auto text-table text-text-3">
          {s.checked} <Time at={f.checked_at} past />
        </span>
        <Button size="small" busy={asked.isFetching} onClick={() => void asked.refetch()}>
          {s.again}
        </Button>
      </div>
      {asked.error && <ProblemNote error={asked.error} />}
      {f.problems.length > 0 && (
        <div role="alert" className="rounded-panel bg-bad-soft p-3">
          <p className="font-medium text-bad">{s.problems}</p>
          <ul className="list-disc pl-5">
            {f.problems.map((x) => (
              <li key={x} className="break-words">
                {x}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Section title={s.engines}>
        <Grid head={[s.engine, s.state, s.engineVersion, s.detail, s.took]} label={s.engines}>
          {f.engines.map((e) => (
            <tr key={e.name} className="border-b">
              <Name>{s.names[e.name] ?? e.name}</Name>
              <Cell>{e.problem ? <Chip tone="bad">{s.away}</Chip> : <Chip tone="good">{s.answers}</Chip>}</Cell>
              <Cell>{e.version ?? "–"}</Cell>
              <Cell wrap>{e.problem ?? e.detail ?? ""}</Cell>
              <Cell right>{s.ms(e.ms)}</Cell>
            </tr>
          ))}
        </Grid>
        <p className="pt-2 text-table text-text-3">{s.doctor}</p>
      </Section>
      <Projections found={f} stopped={stopped} />
      <Section title={s.partitions(f.partitions.length)}>
        {f.partitions.length === 0 ? (
          <p className="py-2 text-text-2">{s.noPartitions}</p>
        ) : (
          <Grid head={[s.partition, s.end, s.copies, s.owner]} label={s.partitions(f.partitions.length)}>
            {f.partitions.map((p) => (
              <tr key={p.partition} className="border-b">
                <Name>{p.partition}</Name>
                <Cell>{formatCount(p.end)}</Cell>
                <Cell>{p.in_sync < p.replicas ? <Chip tone="warn">{s.inSync(p.in_sync, p.replicas)}</Chip> : s.inSync(p.in_sync, p.replicas)}</Cell>
                <Cell>{p.state ? (s.states[p.state] ?? p.state) : <span className="text-text-3">{s.elsewhere}</span>}</Cell>
              </tr>
            ))}
          </Grid>
        )}
      </Section>
    </div>
  );
}

function Projections({ found, stopped }: { found: Found; stopped: number }) {
  return (
    <Section title={s.projections(found.projections.length)} actions={<span className={stopped ? "text-table text-bad" : "text-table text-text-3"}>{stopped ? s.stoppedIn(stopped) : s.goOn}</span>}>
      <Grid head={[s.projection, s.store, s.tables, s.state, s.applied, s.behind]} label={s.projections(found.projections.length)}>
        {found.projections.map((p) => (
          <tr key={p.store + p.name} className="border-b align-top">
            <Name>
              <span className="mono">{p.name}</span>
            </Name>
            <Cell>{s.names[p.store] ?? p.store}</Cell>
            <Cell>{`v${p.version}`}</Cell>
            <Cell wrap>
              {p.stopped.length > 0 ? (
                p.stopped.map((x) => (
                  <p key={x.partition} className="break-words">
                    <Chip tone="bad">{s.stopped}</Chip> {s.stoppedBy(x.partition, formatCount(x.pseq), x.event_type)} <span className="text-text-2">{x.error}</span> <span className="block text-meta text-text-3">{s.skip(p.name, x.partition, x.pseq)}</span>
                  </p>
                ))
              ) : (
                <span className="text-text-2">{p.rebuilding ? s.rebuilding : s.live}</span>
              )}
            </Cell>
            <Cell right>{formatCount(p.events)}</Cell>
            <Cell right>{formatCount(p.behind)}</Cell>
          </tr>
        ))}
      </Grid>
      <p className="pt-2 text-table text-text-3">{s.behindAbout}</p>
    </Section>
  );
}

function Grid({ head, label, children }: { head: string[]; label: string; children: ReactNode }) {
  return (
    <ScrollRegion label={label}>
      <table className="w-full text-left text-table">
        <thead>
          <tr className="border-b text-text-2">
            {head.map((h) => (
              <th key={h} scope="col" className={"py-1.5 pr-4 font-medium whitespace-nowrap last:pr-0" + (right.has(h) ? " text-right" : "")}>
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </ScrollRegion>
  );
}

const right = new Set([s.took, s.applied, s.behind]);

const Name = ({ children }: { children: ReactNode }) => (
  <th scope="row" className="py-1.5 pr-4 font-medium whitespace-nowrap">
    {children}
  </th>
);

const Cell = ({ children, right, wrap }: { children: ReactNode; right?: boolean; wrap?: boolean }) => <td className={"py-1.5 pr-4 last:pr-0" + (right ? " text-right whitespace-nowrap" : wrap ? "" : " whitespace-nowrap")}>{children}</td>;
