import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { formatCount } from "@/words/format";
import { scores as s } from "@/words/en/scores";
import { scorePreviewOptions } from "./score-queries";
import { asked, type RuleSet } from "./score-rules";

/** Waits until nobody types. */
function useSettled<T>(value: T, key: string): T {
  const [settled, set] = useState(value);
  useEffect(() => {
    const t = setTimeout(() => set(value), 500);
    return () => clearTimeout(t);
  }, [key]);
  return settled;
}

/** What the rules as they stand here would make of the leads. */
export function ScorePreview({ draft }: { draft: RuleSet }) {
  const { org } = useSession();
  const now = asked(draft);
  const rules = useSettled(now, JSON.stringify(now));
  const preview = useQuery({ ...scorePreviewOptions(org, rules!), enabled: !!rules });
  const p = preview.data;
  return (
    <Section title={s.preview}>
      {!now && <p className="pt-2 text-table text-text-2">{s.invalid}</p>}
      {preview.error && <ProblemNote error={preview.error} onRetry={() => void preview.refetch()} />}
      {rules && preview.isPending && <SkeletonRows rows={4} />}
      {p && (
        <div aria-busy={preview.isFetching} className={cx("flex flex-col gap-4 pt-2 text-table", (preview.isPlaceholderData || !now) && "opacity-60")}>
          <p role="status">
            {p.changed === 0 ? s.nobodyChanges : s.change(p.changed, p.leads)} {!p.complete && <span className="text-text-3">{s.incomplete(p.leads)}</span>}
          </p>
          <table className="w-full tabular-nums">
            <thead>
              <tr className="border-b text-left text-text-3">
                <td />
                <th scope="col" className="py-1 pl-3 text-right font-normal">
                  {s.now}
                </th>
                <th scope="col" className="py-1 pl-3 text-right font-normal">
                  {s.then}
                </th>
              </tr>
            </thead>
            <tbody>
              {p.counts.map((c) => (
                <tr key={c.qualification} className="border-b">
                  <th scope="row" className="py-1.5 text-left font-normal">
                    {s.qualification[c.qualification]}
                  </th>
                  <td className="py-1.5 pl-3 text-right text-text-2">
                    <PlaceLink to={`/leads?qualification=${c.qualification}`}>{formatCount(c.before)}</PlaceLink>
                  </td>
                  <td className="py-1.5 pl-3 text-right font-medium">{formatCount(c.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {p.examples.length > 0 && (
            <div>
              <h3 className="text-text-3">{s.examples}</h3>
              <ul>
                {p.examples.map((x) => (
                  <Example key={x.lead_id} of={x} />
                ))}
              </ul>
            </div>
          )}
        </div>
      )}
    </Section>
  );
}

function Example({ of: x }: { of: Schemas["ScoreExample"] }) {
  const said = x.parts.filter((p) => p.points !== 0);
  return (
    <li className="border-b py-2">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <PlaceLink to={`/leads/${x.lead_id}`}>{x.name || x.lead_id.slice(0, 8)}</PlaceLink>
        <span className="ml-auto text-text-2">
          {s.qualification[x.before?.qualification ?? ""]} <span aria-hidden>→</span> <span className="font-medium text-text-1">{s.qualification[x.after.qualification]}</span>
        </span>
      </p>
      <p className="text-meta text-text-3">
        {s.exampleScores(x.after.lead_score, x.after.intent_score)}
        {said.length > 0 && ": "}
        {said.map((p) => `${p.rule.name} ${s.points(p.points)}`).join("; ")}
      </p>
    </li>
  );
}
