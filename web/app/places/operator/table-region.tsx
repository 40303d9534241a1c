import type { ReactNode } from "react";

/** A plain table that scrolls within itself where it is too wide. */
export function TableRegion({ label, heads, right, children }: { label: string; heads: string[]; right?: boolean; children: ReactNode }) {
  return (
    <div role="region" aria-label={label} tabIndex={0} className="relative overflow-x-auto">
      <table className="w-full text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            {heads.map((h, i) => (
              <th key={i} scope="col" className={`py-2 pr-4 font-medium whitespace-nowrap ${right && i ? "text-right" : "text-left"}`}>
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
