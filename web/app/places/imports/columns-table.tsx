import type { Schemas } from "@/api/client";
import { Chip } from "@/ui/chip";
import { ScrollRegion } from "@/ui/scroll-region";
import { w } from "@/words";
import { fullness, guessed, ownName, samples, targets, type Mapping } from "./mapping";

/** Each column with samples, how full it is, and where it goes. */
export function ColumnsTable({ inspection, mapping, onChange }: { inspection: Schemas["ImportInspection"]; mapping: Mapping; onChange: (m: Mapping) => void }) {
  const own = new Set(Object.values(mapping).filter((f) => f.startsWith("custom.")));
  const first = guessed(inspection.columns);
  return (
    <ScrollRegion label={w.imports.columnsTitle}>
      <table className="w-full min-w-[44rem] border-collapse text-left text-table">
        <thead className="text-text-2">
          <tr className="border-b">
            {[w.imports.column, w.imports.samples, w.imports.full, w.imports.goesTo].map((h) => (
              <th key={h} scope="col" className="py-2 pr-4 font-medium">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {inspection.columns.map((c) => {
            const { filled, of } = fullness(c);
            const field = mapping[c.name] ?? "";
            const mine = "custom." + ownName(c.name);
            const options = new Set([...own, mine, ...(first[c.name]?.startsWith("custom.") ? [first[c.name]!] : [])]);
            return (
              <tr key={c.name} className="border-b align-top">
                <th scope="row" className="max-w-48 py-2 pr-4 font-medium break-words">
                  {c.name}
                </th>
                <td className="max-w-md py-2 pr-4">
                  <span className="flex gap-2 overflow-hidden text-text-2">
                    {samples(c).map((s, i) => (
                      <bdi key={i} className="max-w-56 shrink-0 truncate border-r pr-2 last:border-0">
                        {s}
                      </bdi>
                    ))}
                  </span>
                </td>
                <td className="py-2 pr-4 whitespace-nowrap text-text-2">{w.imports.fullOf(filled, of)}</td>
                <td className="py-1.5 whitespace-nowrap">
                  <select aria-label={`${w.imports.goesTo}: ${c.name}`} value={field} onChange={(e) => onChange({ ...mapping, [c.name]: e.target.value })} className="h-7 w-52 rounded-control border border-control bg-surface-0 px-2 pointer-coarse:min-h-11">
                    <option value="">{w.imports.targets[""]}</option>
                    {targets.map((t) => (
                      <option key={t} value={t}>
                        {w.imports.targets[t]}
                      </option>
                    ))}
                    {[...options].sort().map((o) => (
                      <option key={o} value={o}>
                        {w.imports.ownField(o.slice(7))}
                      </option>
                    ))}
                  </select>
                  <span className="ml-2 inline-block w-24">
                    <Chip tone={field === "" ? "plain" : field.startsWith("custom.") ? "accent" : "good"}>{field === "" ? w.imports.leftOut : field !== first[c.name] ? w.imports.chosen : field.startsWith("custom.") ? w.imports.own : w.imports.recognised}</Chip>
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
