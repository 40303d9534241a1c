import { ChevronRight } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useNow } from "@/app/clock";
import { zone } from "@/app/zone";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { cityOf, ruleDetail, ruleName } from "@/words/en/why";
import { formatAbsolute, formatCount, formatRelative } from "@/words/format";
import { cx } from "./cx";

type Rule = Schemas["RuleWeighed"];

const endOf = (r: Rule) => (r.until ? Date.parse(r.until) : Infinity);

/** Those that bind first, that which holds longest before the others; then the others as the server weighs them. */
export function inOrder(value: Pick<Schemas["Why"], "rules" | "bound">) {
  const binding = value.rules.filter((r) => r.binds).sort((a, b) => Number(b.rule === value.bound) - Number(a.rule === value.bound) || endOf(b) - endOf(a));
  return { binding, free: value.rules.filter((r) => !r.binds) };
}

/** The rules that hold a message, in the order in which they bind; what doesn't hold it is folded. */
export function Why({ value }: { value: Schemas["Why"] }) {
  const now = useNow();
  const { binding, free } = inOrder(value);
  const when = (at: string, z?: string) => formatAbsolute(new Date(at), z || zone());
  if (value.rules.length === 0)
    return (
      <p>
        {w.why.ended(value.state, value.reason)}
        {value.ended_at && <span className="block text-meta text-text-3">{when(value.ended_at)}</span>}
      </p>
    );
  const theirs = value.rules.map((r) => r.inputs.zone).find((z): z is string => typeof z === "string" && z !== "");
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <dl className="flex flex-wrap items-baseline gap-x-3">
        <dt className="text-meta text-text-3">{w.why.earliest}</dt>
        <dd>
          {value.not_before ? (
            <>
              <span className="font-medium">{formatRelative(new Date(value.not_before), now)}</span> <span className="text-text-2">{when(value.not_before)}</span>
              {theirs && theirs !== zone() && <span className="block text-meta text-text-3">{`${when(value.not_before, theirs)} (${cityOf(theirs)})`}</span>}
            </>
          ) : binding.length ? (
            w.why.unknown
          ) : (
            w.why.nothing
          )}
        </dd>
      </dl>
      {binding.length > 0 && (
        <ol aria-label={w.why.binds} className="flex flex-col">
          {binding.map((r, i) => (
            <Line key={r.rule} rule={r} first={i === 0} when={when} now={now} />
          ))}
        </ol>
      )}
      {free.length > 0 && (
        <details className="group">
          <summary className={summary}>
            <ChevronRight size={14} aria-hidden className="transition-transform group-open:rotate-90" /> {w.why.free(free.length)}
          </summary>
          <ul className="mt-1 flex flex-col pl-5">
            {free.map((r) => (
              <li key={r.rule} className="flex flex-wrap gap-x-3 border-b py-1 text-table last:border-0">
                <span className="min-w-52 text-text-2">{ruleName(r.rule)}</span>
                <span className="text-text-3">{ruleDetail(r.rule, r.inputs, when)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <p className="text-meta text-text-3">
        {value.as_of && w.why.asOf(when(value.as_of), formatCount(value.oseq ?? 0))}
        {value.looked_at_next && ". " + w.why.lookedAt(formatRelative(new Date(value.looked_at_next), now))}
      </p>
    </div>
  );
}

function Line({ rule, first, when, now }: { rule: Rule; first: boolean; when: (at: string, zone?: string) => string; now: Date }) {
  const theirs = rule.rule === "window" && typeof rule.inputs.zone === "string" ? rule.inputs.zone : undefined;
  return (
    <li className={cx("border-l-2 py-1.5 pl-3", first ? "border-warn" : "border-line")}>
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className={cx(first && "font-medium")}>{ruleInWords(rule.rule)}</span>
        <span className="text-table text-text-2">{rule.until ? w.why.until(`${when(rule.until, theirs)} (${formatRelative(new Date(rule.until), now)})`) : w.why.needsSomebody}</span>
      </div>
      <p className="text-table text-text-3">{ruleDetail(rule.rule, rule.inputs, when)}</p>
      <details>
        <summary className={summary}>{w.why.inputs}</summary>
        <pre className="mono max-w-full overflow-x-auto rounded-control bg-surface-1 p-2 text-meta">{JSON.stringify(rule.inputs, null, 2)}</pre>
      </details>
    </li>
  );
}

const summary = "inline-flex min-h-6 list-none items-center gap-1 rounded-control text-table text-text-3 hover:text-text-1 [&::-webkit-details-marker]:hidden";
