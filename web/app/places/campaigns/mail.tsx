import type { ReactNode } from "react";
import { cx } from "@/ui/cx";
import { w } from "@/words";

const light = { background: "#ffffff", color: "#1f2328", "--mail-link": "#1a56db", "--mail-weak": "#5b6474", "--mail-line": "#e3e6ea" };
const dark = { background: "#1b1d21", color: "#e6e8eb", "--mail-link": "#8ab4f8", "--mail-weak": "#a5acb8", "--mail-line": "#33373e" };

type Props = { from: string; to: string; subject: string; body: string; missing: string[]; footer?: string; phone?: boolean; dark?: boolean; stale?: boolean };

/** A message as a mail program shows it. Its links show where they lead and go nowhere. */
export function Mail({ from, to, subject, body, missing, footer, phone, dark: isDark, stale }: Props) {
  const c = w.campaigns;
  return (
    <article aria-label={c.message} style={{ ...(isDark ? dark : light) } as never} className={cx("min-w-0 rounded-panel border p-4 transition-opacity", phone && "mx-auto w-full max-w-[22rem]", stale && "opacity-70")}>
      <p className="text-section font-semibold break-words">{subject ? marked(subject, missing) : <span className="text-(--mail-weak)">{c.noSubjectYet}</span>}</p>
      <dl className="mt-2 border-b border-(--mail-line) pb-3 text-table text-(--mail-weak)">
        <div className="flex gap-2">
          <dt className="w-10 shrink-0">{c.mailFrom}</dt>
          <dd className="min-w-0 break-words">{from}</dd>
        </div>
        <div className="flex gap-2">
          <dt className="w-10 shrink-0">{c.mailTo}</dt>
          <dd className="min-w-0 break-words">{to}</dd>
        </div>
      </dl>
      <div className="mt-3 text-body break-words whitespace-pre-wrap">{body ? marked(body, missing) : <span className="text-(--mail-weak)">{c.noTextYet}</span>}</div>
      {footer !== undefined && (
        <p className="mt-6 border-t border-(--mail-line) pt-3 text-meta break-words whitespace-pre-wrap text-(--mail-weak)">
          {footer}
          {"\n"}
          <span className="underline">{c.unsubscribe}</span>
        </p>
      )}
    </article>
  );
}

/** Text with its links and what is missing marked; text stays text. */
function marked(text: string, missing: string[]): ReactNode[] {
  const parts = text.split(/(https?:\/\/[^\s<>"']+|\[[A-Za-z_][\w.]*\])/g);
  return parts.map((p, i) => {
    if (i % 2 === 0) return p;
    if (p.startsWith("[")) return missing.includes(p.slice(1, -1)) ? <mark key={i} className="rounded-[3px] bg-warn-soft px-0.5 text-warn">{p}</mark> : p;
    return (
      <span key={i} title={p} className="text-(--mail-link) underline">
        {p.length > 72 ? p.slice(0, 56) + "…" : p}
      </span>
    );
  });
}
