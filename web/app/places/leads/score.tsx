import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { scores as s } from "@/words/en/scores";
import { QualificationChip } from "./columns";
import { leadScoreOptions, type Lead } from "./queries";

type Part = Schemas["ScorePart"];

/** The scores as sums of their parts, each with what it rests on. */
export function ScoreSection({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const maySet = useMay("organization:manage");
  const found = useQuery(leadScoreOptions(org, lead.id)).data;
  if (!found || (found.version === 0 && !maySet)) return null;
  return (
    <Section title={s.title} actions={<QualificationChip is={found.sum?.qualification} />}>
      {found.version === 0 ? (
        <p className="pt-2 text-table text-text-3">
          {s.noRules} <PlaceLink to="/settings/scores">{s.setRules}</PlaceLink>
        </p>
      ) : (
        <>
          <Sum label={s.leadScore} total={found.sum?.lead_score ?? 0} parts={found.parts.filter((p) => p.rule.of === "lead")} />
          <Sum label={s.intentScore} total={found.sum?.intent_score ?? 0} parts={found.parts.filter((p) => p.rule.of === "intent")} />
          {found.pending && (
            <p role="status" className="pt-1 text-meta text-text-3">
              {s.pending}
            </p>
          )}
        </>
      )}
    </Section>
  );
}

function Sum({ label, total, parts }: { label: string; total: number; parts: Part[] }) {
  if (parts.length === 0) return null;
  const sum = parts.reduce((n, p) => n + p.points, 0);
  return (
    <table className="mt-2 w-full text-table">
      <caption className="sr-only">{label}</caption>
      <tbody>
        {parts.map((p) => (
          <tr key={p.rule.name} className={cx("align-top", p.points === 0 && "text-text-3")}>
            <th scope="row" className="w-full py-0.5 pr-3 text-left font-normal break-words">
              {p.rule.name}
              <span className="block text-meta text-text-3">{p.value ? (p.fact_id ? `${p.value}, ${s.byFact}` : p.value) : s.nothing}</span>
            </th>
            <td className="py-0.5 text-right whitespace-nowrap tabular-nums">{s.points(p.points)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="border-t font-medium">
          <th scope="row" className="py-1 text-left font-medium">
            {label}
            {sum !== total && <span className="font-normal text-text-3"> ({`${sum} ${s.clamped}`})</span>}
          </th>
          <td className="py-1 text-right tabular-nums">{total}</td>
        </tr>
      </tfoot>
    </table>
  );
}
