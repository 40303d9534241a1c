import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { Schemas } from "@/api/client";
import { linkLook, useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { integrations as s } from "@/words/en/settings-integrations";
import { crmMap as m, fieldLabel } from "@/words/en/settings-crm";
import { conflictsOptions } from "./integration-queries";
import { Body } from "./row";

/** Fields that both sides have changed, with both values and which one stands. */
export function IntegrationConflicts({ integration: x }: { integration: Schemas["Integration"] }) {
  const { org, slug } = useSession();
  const change = useChangeSearch();
  const list = useQuery(conflictsOptions(org, x.id));
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
        <div className="overflow-x-auto">
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
                  <td className={cx("py-2 pr-4 break-words", r.kept === "ours" ? "font-medium" : "text-text-3 line-through")}>{r.ours}</td>
                  <td className={cx("py-2 pr-4 break-words", r.kept === "theirs" ? "font-medium" : "text-text-3 line-through")}>{r.theirs}</td>
                  <td className="py-2 pr-4 text-text-2">{m.wins.find((o) => o.value === r.rule)?.label}</td>
                  <td className="py-2 whitespace-nowrap">
                    <Time past at={r.at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Body>
  );
}
