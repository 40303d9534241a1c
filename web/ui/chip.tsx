import type { ReactNode } from "react";
import { cx } from "./cx";

export type Tone = "plain" | "accent" | "good" | "warn" | "bad";

const tones: Record<Tone, string> = {
  plain: "bg-surface-2 text-text-2",
  accent: "bg-accent-soft text-accent-text",
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
};

/** A word with a tone; uncertain ones have a dashed border. */
export function Chip({ tone = "plain", uncertain, children, title }: { tone?: Tone; uncertain?: boolean; children: ReactNode; title?: string }) {
  return (
    <span title={title} className={cx("inline-flex h-5 max-w-full items-center gap-1 truncate rounded-control px-1.5 text-meta font-medium", tones[tone], uncertain && "border border-dashed border-current")}>
      {children}
    </span>
  );
}

/** A filter that is on, with its way off. */
export function Pill({ children, onRemove, label }: { children: ReactNode; onRemove: () => void; label: string }) {
  return (
    <span className="inline-flex h-7 items-center rounded-control border border-control bg-surface-0 pl-2 text-table">
      {children}
      <button type="button" aria-label={label} onClick={onRemove} className="ml-1 inline-flex h-full min-w-6 items-center justify-center rounded-r-control text-text-3 hover:bg-surface-2 hover:text-text-1">
        ×
      </button>
    </span>
  );
}
