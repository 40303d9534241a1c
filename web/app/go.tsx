import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { cx } from "@/ui/cx";
import { useSession } from "./session";

/** A link within the organisation; in a row of a table it doesn't open the row. */
export function Go({ path, search, children, className, label, row }: { path: string; search?: Record<string, unknown>; children: ReactNode; className?: string; label?: string; row?: boolean }) {
  const { slug } = useSession();
  return (
    <Link to={`/o/${slug}${path}` as "/"} search={(search ?? {}) as never} aria-label={label} data-row={row || undefined} onClick={(e) => e.stopPropagation()} className={cx("rounded-control underline-offset-2 hover:underline", className)}>
      {children}
    </Link>
  );
}
