import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type ReactNode } from "react";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Skeleton } from "@/ui/states";
import { w } from "@/words";

type Props<Row> = {
  label: string;
  rows: Row[];
  idOf: (r: Row) => string;
  open?: string;
  onOpen: (id: string) => void;
  row: (r: Row) => ReactNode;
  header?: ReactNode;
  held?: number;
  onHeld?: () => void;
  more?: () => void;
  loading?: boolean;
  empty: ReactNode;
  height?: number;
};

/** The middle column: two or three lines a row, only what is seen is drawn. j and k belong to the page. */
export function InboxList<Row>({ label, rows, idOf, open, onOpen, row, header, held = 0, onHeld, more, loading, empty, height = 76 }: Props<Row>) {
  const box = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => height, overscan: 8 });
  const items = v.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const at = open ? rows.findIndex((r) => idOf(r) === open) : -1;
  useEffect(() => {
    if (more && last >= rows.length - 10) more();
  }, [last, rows.length, more]);
  useEffect(() => {
    if (at >= 0) v.scrollToIndex(at);
  }, [at]);
  return (
    <section aria-label={label} className={cx("flex w-90 shrink-0 flex-col border-r max-xl:w-80 max-sm:w-full max-sm:border-r-0 min-h-0", open && "max-sm:hidden")}>
      {header}
      {held > 0 && (
        <div className="flex justify-center border-b py-1.5">
          <Button size="small" onClick={onHeld}>
            {w.inbox.newer(held)}
          </Button>
        </div>
      )}
      <div ref={box} className="min-h-0 flex-1 overflow-auto">
        {loading && rows.length === 0 ? (
          <div role="status" aria-label={w.states.loading}>
            {Array.from({ length: 8 }, (_, i) => (
              <div key={i} className="flex flex-col gap-2 border-b px-4 py-3">
                <Skeleton className="w-40" />
                <Skeleton className="w-60" />
              </div>
            ))}
          </div>
        ) : rows.length === 0 ? (
          empty
        ) : (
          <ul className="relative" style={{ height: v.getTotalSize() }}>
            {items.map((i) => {
              const r = rows[i.index]!;
              const on = idOf(r) === open;
              return (
                <li key={idOf(r)} className="absolute inset-x-0" style={{ top: i.start, height: i.size }}>
                  <button
                    type="button"
                    aria-current={on ? "true" : undefined}
                    onClick={() => onOpen(idOf(r))}
                    className={cx("flex h-full w-full flex-col justify-center gap-0.5 overflow-hidden border-b px-4 text-left outline-offset-[-2px]", on ? "bg-accent-soft shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-surface-1")}
                  >
                    {row(r)}
                  </button>
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </section>
  );
}
