import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { linkLook } from "@/app/place-link";
import { useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { ScrollRegion } from "@/ui/scroll-region";
import { crmMap as m, fieldLabel } from "@/words/en/settings-crm";

/** What a map would do with real rows: only what differs is spelled out. */
export function DryRun({ run }: { run: Schemas["IntegrationDryRun"] }) {
  const { slug } = useSession();
  if (run.data.length === 0) return <p className="text-text-2">{m.dryRunEmpty}</p>;
  return (
    <ScrollRegion label={m.dryRunTitle}>
      <table className="w-full min-w-[44rem] text-table">
        <thead>
          <tr className="border-b text-left text-text-3">
            {[m.columns.who, m.columns.would, m.columns.what].map((c) => (
              <th key={c} className="py-1.5 pr-4 font-medium">
                {c}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {run.data.map((r) => (
            <tr key={r.email + (r.remote_id ?? "")} className="border-b align-top">
              <td className="py-2 pr-4 whitespace-nowrap">
                {r.lead_id ? (
                  <Link to={`/o/${slug}/leads/${r.lead_id}` as "/"} className={linkLook}>
                    {r.email}
                  </Link>
                ) : (
                  r.email
                )}
                {r.opted_out && <span className="block text-meta text-warn">{m.optedOut}</span>}
              </td>
              <td className="py-2 pr-4">
                <Chip tone={r.would === "nothing" ? "plain" : r.would === "import" ? "plain" : "good"}>{m.would[r.would]}</Chip>
              </td>
              <td className="py-2">
                {r.fields.filter((f) => f.outcome !== "same").length === 0 ? (
                  <span className="text-text-3">–</span>
                ) : (
                  <dl className="grid grid-cols-[8rem_1fr] gap-x-3 gap-y-0.5">
                    {r.fields
                      .filter((f) => f.outcome !== "same")
                      .map((f) => (
                        <div key={f.field} className="contents">
                          <dt className="text-text-3">{fieldLabel(f.field)}</dt>
                          <dd className="break-words">
                            {f.outcome === "push" || f.outcome === "conflict_ours" ? m.goes(f.ours || m.blank, f.theirs || m.blank) : m.comes(f.theirs || m.blank, f.ours || m.blank)}
                            {f.outcome.startsWith("conflict") && <span className="ml-2 text-warn">{m.both}</span>}
                          </dd>
                        </div>
                      ))}
                  </dl>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
