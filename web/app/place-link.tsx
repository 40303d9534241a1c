import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSession } from "./session";

type Search = Record<string, string | number | boolean | undefined>;

/** A link within the organisation: `to` follows /o/{slug}. */
export function PlaceLink({ to, search, className, children, title, "aria-current": current }: { to: string; search?: Search; className?: string; children: ReactNode; title?: string; "aria-current"?: "page" | "true" }) {
  const { slug } = useSession();
  return (
    <Link to={`/o/${slug}${to}` as "/"} search={(search ?? {}) as never} className={className ?? linkLook} title={title} aria-current={current}>
      {children}
    </Link>
  );
}

export const linkLook = "rounded-control text-accent-text underline decoration-transparent underline-offset-2 hover:decoration-current";

export function useGoTo() {
  const { slug } = useSession();
  const go = useNavigate();
  return (to: string, search: Search = {}, replace = false) => void go({ to: `/o/${slug}${to}` as "/", search: search as never, replace });
}

/** Changes what the URL says of the page that is open; undefined takes away. */
export function useChangeSearch() {
  const go = useNavigate();
  return (change: Search, replace = false) => void go({ to: ".", search: (s: Record<string, unknown>) => ({ ...s, ...change }), replace } as never);
}
