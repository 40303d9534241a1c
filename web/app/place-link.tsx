import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSession } from "./session";

type Search = Record<string, unknown>;

/** A link within the organisation: `to` follows /o/{slug}. In a row of a table it doesn't open the row; `row` names the one by which its keys move. */
export function PlaceLink({ to, search, className, children, label, row, ...more }: { to: string; search?: Search; className?: string; children: ReactNode; label?: string; row?: boolean; title?: string; "aria-current"?: "page" | "true" }) {
  const { slug } = useSession();
  return (
    <Link to={`/o/${slug}${to}` as "/"} search={(search ?? {}) as never} className={className ?? linkLook} aria-label={label} data-row={row || undefined} onClick={(e) => e.stopPropagation()} {...more}>
      {children}
    </Link>
  );
}

/** What a Link needs to lead to a path below the organisation, with its query. */
export function linkTo(slug: string, path: string): { to: "/"; search: never } {
  const [to, query] = path.split("?");
  return { to: `/o/${slug}${to}` as "/", search: Object.fromEntries(new URLSearchParams(query)) as never };
}

export const linkLook = "rounded-control text-accent-text underline decoration-transparent underline-offset-2 hover:decoration-current";

/** Goes to a page of the organisation: `to` follows /o/{slug}. */
export function useGoTo() {
  const { slug } = useSession();
  const go = useNavigate();
  return (to: string, search: Search = {}, replace = false) => void go({ to: `/o/${slug}${to}` as "/", search: search as never, replace });
}

/** Changes what the URL says of the page that is open; undefined takes away. Without replace the way back leads to what it said before. */
export function useChangeSearch() {
  const go = useNavigate();
  return (change: Search, replace = false) => void go({ to: ".", search: (s: Search) => ({ ...s, ...change }), replace } as never);
}
