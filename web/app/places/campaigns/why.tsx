import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { formatAbsolute } from "@/words/format";
import { reasonInWords, LeadName, StateChip } from "./parts";
import { zoneOf } from "./people-cells";
import { enrollmentOptions, whyOptions } from "./queries";

type Why = Schemas["Why"];

/** All rules in the order in which they bind: what holds it first, with its time; what lets it pass is folded. */
export function WhyList({ why }: { why: Why }) {
  const c = w.campaigns;
  const theirs = zoneOf(why);
  const binding = why.rules.filter((r) => r.binds).sort((a, b) => Number(b.rule === why.bound) - Number(a.rule === why.bound) || (b.until ?? "~").localeCompare(a.until ?? "~"));
  const pass = why.rules.filter((r) => !r.binds);
  if (why.rules.length === 0)
    return (
      <p className="py-2">
        {c.ended}
        {why.reason && `: ${reasonInWords(why.reason)}`}
        {why.ended_at && `, ${formatAbsolute(new Date(why.ended_at), zone())}`}
      </p>
    );
  return (
    <div className="flex flex-col">
      {binding.length === 0 && <p className="py-2">{c.nothingBinds}</p>}
      <ol>
        {binding.map((r, i) => (
          <li key={r.rule} className="border-b py-2">
            <p className={i === 0 ? "font-medium" : ""}>{ruleInWords(r.rule)}</p>
            {r.until && <Until at={r.until} theirs={theirs} />}
            <Inputs inputs={r.inputs} />
          </li>
        ))}
      </ol>
      {binding.length > 0 && (
        <div className="border-b py-2">
          <p className="text-text-2">{why.not_before ? c.earliest : c.needsEvent}</p>
          {why.not_before && <Until at={why.not_before} theirs={theirs} />}
        </div>
      )}
      {pass.length > 0 && (
        <details className="py-2">
          <summary className="min-h-6 text-table text-text-2">{c.othersPass(pass.length)}</summary>
          <ul className="mt-1 text-table text-text-2">
            {pass.map((r) => (
              <li key={r.rule} className="py-1">
                {ruleInWords(r.rule)}
                <Inputs inputs={r.inputs} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Until({ at, theirs }: { at: string; theirs?: string }) {
  const when = new Date(at);
  const mine = formatAbsolute(when, zone());
  const other = theirs && theirs !== zone() ? formatAbsolute(when, theirs) : "";
  return (
    <p className="text-table text-text-2">
      {w.campaigns.ruleTime(mine)}
      {other && <span className="text-text-3"> ({other})</span>}
    </p>
  );
}

function Inputs({ inputs }: { inputs: Record<string, unknown> }) {
  const list = Object.entries(inputs).filter(([, v]) => v !== "" && v !== null);
  if (list.length === 0) return null;
  return (
    <details className="text-meta text-text-3">
      <summary className="min-h-6">{w.campaigns.inputs}</summary>
      <dl className="mono pl-3 break-all">
        {list.map(([k, v]) => (
          <div key={k}>
            {k}: {typeof v === "object" ? JSON.stringify(v) : String(v)}
          </div>
        ))}
      </dl>
    </details>
  );
}

/** A person in a campaign, beside the list. */
export function EnrollmentPeek({ id }: { id: string }) {
  const { org } = useSession();
  const [enrollment = "", lead = ""] = id.split(".");
  const one = useQuery(enrollmentOptions(org, enrollment));
  const why = useQuery(whyOptions(org, enrollment));
  return (
    <div className="flex flex-col gap-5 p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="text-section font-semibold">
          <LeadName id={lead} />
        </span>
        <LeadName id={lead} company />
        {one.data && <StateChip state={one.data.state} />}
        {one.data && <span className="text-table text-text-2">{`${w.campaigns.peopleColumns.step} ${w.campaigns.stepOf(one.data.step, one.data.steps)}`}</span>}
      </div>
      <Section title={w.campaigns.whyTitle}>
        {why.isPending && <SkeletonRows rows={3} />}
        {why.isError && <ProblemNote error={why.error} onRetry={() => void why.refetch()} />}
        {why.data && <WhyList why={why.data} />}
      </Section>
    </div>
  );
}
