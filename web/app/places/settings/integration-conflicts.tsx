import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { api, must, type Schemas } from "@/api/client";
import { useCan } from "@/app/may";
import { linkLook, useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { integrations as s } from "@/words/en/settings-integrations";
import { crmMap as m, fieldLabel } from "@/words/en/settings-crm";
import { conflictsOptions } from "./integration-queries";
import { Body } from "./row";

type Choice = Schemas["IntegrationConflictChoice"];
type Conflict = Schemas["IntegrationConflict"];

/** Fields that both sides have changed, with both values and which one stands. */
export function IntegrationConflicts({ integration: x }: { integration: Schemas["Integration"] }) {
  const { org, slug } = useSession();
  const change = useChangeSearch();
  const list = useQuery(conflictsOptions(org, x.id));
  const can = [useCan("integrations:manage"), useCan("leads:write")].every(Boolean);
  const choose = useWrite({
    run: (c: Choice, headers) => must(api.POST("/v1/integrations/{id}/resolve", { params: { path: { id: x.id }, header: headers }, body: c })),
    stale: (c) => [
      [org, "integrations"],
      [org, "leads", c.lead_id],
    ],
    done: (c) => {
      toast.say(m.kept, () => {
        choose.mutate({ ...c, keep: c.keep === "ours" ? "theirs" : "ours" });
      });
    },
  });
  return (
    <Body>
      <div>
        <button type="button" onClick={() => change({ filter: undefined, kind: undefined }, false)} className="flex min-h-7 items-center gap-1.5 text-table text-text-2">
          <ArrowLeft size={14} aria-hidden /> {s.back}
        </button>
        <h2 className="pt-2 text-section font-semibold">{m.conflictsTitle}</h2>
        <p className="max-w-[70ch] text-text-2">{m.conflictsAbout}</p>
      </div>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <SkeletonRows rows={5} />
      ) : list.data.length === 0 ? (
        <p className="text-text-2">{m.conflictsEmpty}</p>
      ) : (
        <ScrollRegion label={m.conflictsTitle}>
          <table className="w-full min-w-[44rem] text-table">
            <thead>
              <tr className="border-b text-left text-text-3">
                {[m.columns.who, m.columns.field, m.columns.ours, m.columns.theirs, m.columns.rule, s.columns.at].map((c) => (
                  <th key={c} className="py-1.5 pr-4 font-medium">
                    {c}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.data.map((r) => (
                <tr key={r.lead_id + r.field} className="border-b align-top">
                  <td className="py-2 pr-4">
                    <Link to={`/o/${slug}/leads/${r.lead_id}` as "/"} className={linkLook}>
                      {r.email || s.lead}
                    </Link>
                  </td>
                  <td className="py-2 pr-4">{fieldLabel(r.field)}</td>
                  {(["ours", "theirs"] as const).map((side) => (
                    <Value key={side} of={r} side={side} onKeep={can ? () => choose.mutate({ lead_id: r.lead_id, field: r.field, keep: side }) : undefined} busy={choose.isPending} />
                  ))}
                  <td className="py-2 pr-4 text-text-2">{r.resolved_at ? m.byHand : m.wins.find((o) => o.value === r.rule)?.label}</td>
                  <td className="py-2 whitespace-nowrap">
                    <Time past at={r.resolved_at ?? r.at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Body>
  );
}

/** A side's value, and the way to choose it. One that stands by the rule can be chosen, too: then it is settled. */
function Value({ of: r, side, onKeep, busy }: { of: Conflict; side: "ours" | "theirs"; onKeep?: () => void; busy: boolean }) {
  const name = (side === "ours" ? m.keepOurs : m.keepTheirs)(fieldLabel(r.field), r.email || s.lead);
  const stands = r.kept === side;
  return (
    <td className="py-2 pr-4">
      <span className={cx("block break-words", stands ? "font-medium" : "text-text-3 line-through")}>{r[side]}</span>
      {onKeep && !!r[side] && !(stands && r.resolved_at) && (
        <Button size="small" look="quiet" className="-ml-2" aria-label={name} busy={busy} onClick={onKeep}>
          {m.keep}
        </Button>
      )}
    </td>
  );
}
