import type { ReactNode } from "react";

/** A plain table that scrolls within itself where it is too wide. It is no landmark: the section around it is one, often of the same name. */
export function TableRegion({ label, heads, right, children }: { label: string; heads: string[]; right?: boolean; children: ReactNode }) {
  return (
    <div role="group" aria-label={label} tabIndex={0} className="relative overflow-x-auto">
      <table className="w-full text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            {heads.map((h, i) =>
              h ? (
                <th key={i} scope="col" className={`py-2 pr-4 font-medium whitespace-nowrap ${right && i ? "text-right" : "text-left"}`}>
                  {h}
                </th>
              ) : (
                <td key={i} />
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
