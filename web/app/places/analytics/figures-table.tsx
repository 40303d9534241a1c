import { Link } from "@tanstack/react-router";
import { useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { Rate } from "@/ui/rate";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { keysOf, metrics, type Metric, type Row } from "./model";

const s = w.analytics;

/** The same rows as the chart: every metric, that which is looked at with its interval. */
export function FiguresTable({ rows, metric, heading, onRow }: { rows: Row[]; metric: Metric; heading: string; onRow?: (r: Row) => void }) {
  const { slug } = useSession();
  const rates = metrics.filter((m) => m !== "sent").sort((a, b) => Number(b === metric) - Number(a === metric));
  const columns = rates.flatMap((m) => keysOf[m].map((key, k) => ({ m, key, label: k === 0 ? s.metrics[m] : s.machineMetrics[m]! })));
  return (
    <div role="region" aria-label={heading} tabIndex={0} className="relative overflow-x-auto">
      <table className="w-full text-left text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            <th scope="col" className="sticky left-0 bg-surface-0 py-2 pr-4 font-medium">
              {heading}
            </th>
            <th scope="col" className={cx("py-2 pr-6 text-right font-medium", metric === "sent" && "text-text-1")}>
              {s.metrics.sent}
            </th>
            {columns.map((c) => (
              <th key={c.key} scope="col" className={cx("py-2 pr-6 font-medium whitespace-nowrap", c.m === metric && "text-text-1")}>
                {c.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.id} className="border-b hover:bg-surface-1">
              <th scope="row" className="sticky left-0 max-w-64 min-w-40 truncate bg-surface-0 py-2 pr-4 font-medium">
                {onRow ? (
                  <button type="button" onClick={() => onRow(r)} title={s.only(r.name)} className="min-h-6 max-w-full truncate text-accent-text hover:underline">
                    {r.name}
                  </button>
                ) : (
                  <Link to={`/o/${slug}/campaigns/${r.campaign}` as "/"} className="text-accent-text hover:underline">
                    {r.name}
                  </Link>
                )}
              </th>
              <td className="py-2 pr-6 text-right">
                {formatCount(r.figures.emails_sent)}
                {r.figures.settling > 0 && <span className="block text-meta whitespace-nowrap text-text-3">{s.settling(r.figures.settling)}</span>}
              </td>
              {columns.map((c) => (
                <td key={c.key} className={cx("py-2 pr-6 whitespace-nowrap", c.m !== metric && "text-text-2")}>
                  <Rate value={r.figures[c.key]} denominator={c.m === metric ? s.denominators[r.figures[c.key].denominator] : undefined} short={c.m !== metric} />
                </td>
              ))}
            </tr>
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length + 2} className="py-6 text-text-2">
                {s.noRows}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
