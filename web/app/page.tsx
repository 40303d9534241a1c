import { useEffect, useRef, type ReactNode } from "react";
import { useContext } from "react";
import { w } from "@/words";
import { cx } from "@/ui/cx";
import { SessionContext } from "./session";

/** A page: its title in the tab and as the one h1, which takes the focus after a change of page. */
export function Page({ title, actions, about, children, fill, hideTitle }: { title: string; actions?: ReactNode; about?: ReactNode; children: ReactNode; fill?: boolean; hideTitle?: boolean }) {
  const h1 = useRef<HTMLHeadingElement>(null);
  const org = useContext(SessionContext)?.organizationName;
  useEffect(() => {
    document.title = w.shell.title(title, org);
  }, [title, org]);
  useEffect(() => {
    if (document.activeElement === document.body) h1.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={cx("flex min-h-0 min-w-0 flex-1 flex-col", !fill && "overflow-auto")}>
      <header className={hideTitle && !about && !actions ? "sr-only" : "flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-4 pb-3 sm:px-6"}>
        <h1 ref={h1} tabIndex={-1} className="min-w-0 text-page font-semibold break-words">
          {title}
        </h1>
        {about && <div className="min-w-0 text-text-2">{about}</div>}
        {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page with its own heading; a line above, no box. */
export function Section({ title, actions, children, className }: { title: string; actions?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={cx("min-w-0", className)} aria-label={title}>
      <div className="flex min-h-8 flex-wrap items-center gap-3 border-b pb-1">
        <h2 className="text-section font-semibold">{title}</h2>
        {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
