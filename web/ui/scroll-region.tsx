import type { ReactNode } from "react";
import { cx } from "./cx";

type Props = { label: string; className?: string; children: ReactNode };

/**
 * Scrolls within itself where it is too wide, a table mostly. Who has no pointer scrolls it by the arrow keys, so it is a stop of the Tab key and has a name; it is
 * no landmark: the section around it is one, often of the same name.
 */
export function ScrollRegion({ label, className, children }: Props) {
  return (
    <div role="group" aria-label={label} tabIndex={0} className={cx("relative", className ?? "overflow-x-auto")}>
      {children}
    </div>
  );
}

/** A plain table in one. */
export function TableRegion({ label, heads, right, children }: Props & { heads: string[]; right?: boolean }) {
  return (
    <ScrollRegion label={label}>
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
    </ScrollRegion>
  );
}
