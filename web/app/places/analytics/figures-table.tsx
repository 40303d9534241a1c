import { cx } from "@/ui/cx";
import { ScrollRegion } from "@/ui/scroll-region";
import { w } from "@/words";
import { cost } from "@/words/en/cost";
import { keyInWords, rowName } from "./labels";
import type { Dimension, Metric, Result, Row, Shown, Unit } from "./model";
import { FigureCell } from "./number";

const s = w.analytics;

/** The same rows as the chart's filters let through: every number opens what it counts, a row's name narrows to it. */
export function FiguresTable({ result, by, metric, unit, columns, onRow }: { result: Result; by: Dimension[]; metric: Shown; unit: Unit; columns: Metric[]; onRow: (r: Row) => void }) {
  const heading = by.map((d) => s.dimensions[d]).join(", ");
  const name = (m: Metric) => (m === "sent" && unit === "person" ? s.written : m === "cost" ? cost.title : s.metrics[m]!);
  const counts = (by[0] === "day" || by[0] === "week" || by[0] === "cohort_week" || by[0] === "hour_of_day" || by[0] === "weekday") ? result.rows : [...result.rows].sort((a, b) => b.figures[columns.indexOf("sent")]!.count - a.figures[columns.indexOf("sent")]!.count);
  const rows = by[0] === "hour_of_day" ? [...counts].sort((a, b) => Number(a.keys[0]!.value) - Number(b.keys[0]!.value)) : counts;
  return (
    <ScrollRegion label={heading}>
      <table className="w-full text-left text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            <th scope="col" className="sticky left-0 z-10 bg-surface-0 py-2 pr-4 font-medium">
              {heading}
            </th>
            {columns.map((m) => (
              <th key={m} scope="col" className={cx("py-2 pr-6 font-medium whitespace-nowrap", m === metric && "text-text-1")}>
                {name(m)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={rowName(r) + r.keys.map((k) => k.value).join()} className="border-b align-top hover:bg-surface-1">
              <th scope="row" className="sticky left-0 z-10 max-w-64 min-w-40 truncate bg-surface-0 py-2 pr-4 font-medium">
                <button type="button" onClick={() => onRow(r)} title={s.only(rowName(r))} className="min-h-6 max-w-full truncate text-left text-accent-text hover:underline">
                  {r.keys.map((k, i) => (
                    <span key={k.dimension} className={cx(i > 0 && "font-normal text-text-2")}>
                      {i > 0 && " · "}
                      {keyInWords(k.dimension, k.value, k.label)}
                    </span>
                  ))}
                </button>
                {r.figures[0]!.settling > 0 && <span className="block text-meta font-normal text-text-3">{s.settlingRow(r.figures[0]!.settling)}</span>}
              </th>
              <Cells row={r} columns={columns} metric={metric} name={name} of={rowName(r)} />
            </tr>
          ))}
          {rows.length > 1 && (
            <tr className="border-b align-top font-medium">
              <th scope="row" className="sticky left-0 z-10 bg-surface-0 py-2 pr-4 font-medium">
                {s.total}
              </th>
              <Cells row={result.total} columns={columns} metric={metric} name={name} of={s.total} />
            </tr>
          )}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length + 1} className="py-6 text-text-2">
                {s.noRows}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Cells({ row, columns, metric, name, of }: { row: Row; columns: Metric[]; metric: Shown; name: (m: Metric) => string; of: string }) {
  return columns.map((m, i) => (
    <td key={m} className={cx("py-2 pr-6 whitespace-nowrap", m !== metric && "text-text-2")}>
      <FigureCell figure={row.figures[i]!} label={`${name(m)}, ${of}`} full={m === metric} />
    </td>
  ));
}
