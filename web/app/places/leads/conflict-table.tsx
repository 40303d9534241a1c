import { w } from "@/words";
import { cx } from "@/ui/cx";
import type { Difference } from "./conflict";

type Choice = "mine" | "theirs";

/** Both versions side by side; theirs stands unless mine is chosen. */
export function ConflictTable({ list, chosen, labelOf, onChoose }: { list: Difference[]; chosen: Record<string, Choice>; labelOf: (f: string) => string; onChoose: (f: string, c: Choice) => void }) {
  return (
    <table className="w-full border-collapse text-left">
      <thead className="text-table text-text-2">
        <tr>
          <th className="py-1 pr-3 font-medium">{w.leads.conflictField}</th>
          <th className="py-1 pr-3 font-medium">{w.leads.conflictTheirs}</th>
          <th className="py-1 font-medium">{w.leads.conflictMine}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((d) => (
          <tr key={d.field} className="border-t align-top">
            <th scope="row" className="py-2 pr-3 font-normal text-text-2">
              {labelOf(d.field)}
            </th>
            {(["theirs", "mine"] as const).map((c) => {
              const on = (chosen[d.field] ?? "theirs") === c;
              return (
                <td key={c} className="py-1 pr-3">
                  <label className={cx("flex min-h-8 items-center gap-2 rounded-control px-2", on && "bg-accent-soft")}>
                    <input type="radio" name={d.field} checked={on} onChange={() => onChoose(d.field, c)} className="accent-(--accent)" />
                    <span className="break-all">{d[c] || w.leads.blank}</span>
                  </label>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
