import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Rate } from "@/ui/rate";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { formatCount } from "@/words/format";
import { scores as s } from "@/words/en/scores";
import { scoreHistoryOptions } from "./score-queries";
import { asked, type RuleSet } from "./score-rules";

/** How people have turned out who would have had these scores. It costs the server something, so it is asked for. */
export function ScoreHistory({ draft }: { draft: RuleSet }) {
  const { org } = useSession();
  const now = asked(draft);
  const [judged, setJudged] = useState<RuleSet>();
  const found = useQuery({ ...scoreHistoryOptions(org, judged!), enabled: !!judged });
  const current = !!judged && JSON.stringify(judged) === JSON.stringify(now);
  const e = found.data;
  return (
    <Section
      title={s.history}
      actions={
        !current && (
          <Button size="small" why={now ? undefined : s.invalid} onClick={() => setJudged(now)}>
            {judged ? s.judgeAgain : s.judge}
          </Button>
        )
      }
    >
      <p className="max-w-[72ch] py-2 text-table text-text-2">{s.historyAbout}</p>
      {found.error && <ProblemNote error={found.error} onRetry={() => void found.refetch()} />}
      {judged && found.isPending && <SkeletonRows rows={5} />}
      {e && e.leads === 0 && <p className="text-table text-text-2">{s.nobodyWrittenTo}</p>}
      {e && e.leads > 0 && (
        <ScrollRegion label={s.history} className={current ? "overflow-x-auto" : "overflow-x-auto opacity-60"}>
          <table className="w-full min-w-[34rem] text-table tabular-nums">
            <thead>
              <tr className="border-b text-left text-text-3">
                {[s.band, s.writtenTo, s.interested, s.meetings].map((h, i) => (
                  <th key={h} scope="col" className={i === 1 ? "py-1.5 pr-6 text-right font-normal" : "py-1.5 pr-3 font-normal"}>
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{e.bands.map((b) => <Row key={b.from} label={s.bandOf(b.from ?? 0, b.to ?? 0)} band={b} />)}</tbody>
            <tbody className="border-t-2">{e.qualifications.map((b) => <Row key={b.qualification} label={s.qualification[b.qualification ?? ""] ?? ""} band={b} />)}</tbody>
          </table>
          {!e.complete && <p className="pt-2 text-meta text-text-3">{s.incomplete(e.leads)}</p>}
        </ScrollRegion>
      )}
    </Section>
  );
}

function Row({ label, band }: { label: string; band: Schemas["ScoreBand"] }) {
  return (
    <tr className="border-b">
      <th scope="row" className="py-1.5 pr-3 text-left font-medium">
        {label}
      </th>
      <td className="py-1.5 pr-6 text-right">{formatCount(band.leads)}</td>
      <td className="py-1.5 pr-3">{band.leads > 0 && <Rate value={band.interested} />}</td>
      <td className="py-1.5">{band.leads > 0 && <Rate value={band.meetings} />}</td>
    </tr>
  );
}
