import { forwardRef, type ButtonHTMLAttributes, type ReactNode } from "react";
import { cx } from "./cx";

type Look = "primary" | "plain" | "quiet" | "danger";

const looks: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110 border-transparent",
  plain: "bg-surface-0 text-text-1 border-control hover:bg-surface-1",
  quiet: "bg-transparent text-text-2 border-transparent hover:bg-surface-2 hover:text-text-1",
  danger: "bg-surface-0 text-bad border-bad hover:bg-bad-soft",
};

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  size?: "small" | "normal";
  icon?: ReactNode;
  busy?: boolean;
  /** Why it can't be pressed now: it stays in the tab order and says so. */
  why?: string;
};

/** A verb with its object. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button({ look = "plain", size = "normal", icon, busy, why, className, children, onClick, type = "button", ...rest }, ref) {
  const off = busy || !!why;
  return (
    <button
      ref={ref}
      type={type}
      {...rest}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      title={why ?? rest.title}
      onClick={(e) => (off ? e.preventDefault() : onClick?.(e))}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-control border font-medium whitespace-nowrap transition-colors pointer-coarse:min-h-11",
        size === "small" ? "h-7 px-2 text-table" : "h-8 px-3 text-body",
        looks[look],
        off && "opacity-60",
        className,
      )}
    >
      {icon}
      {children}
    </button>
  );
});

/** A button that is only a picture, with its name for who can't see it. */
export const IconButton = forwardRef<HTMLButtonElement, ButtonProps & { label: string }>(function IconButton({ label, children, className, ...rest }, ref) {
  return (
    <Button ref={ref} look="quiet" {...rest} aria-label={label} title={rest.title ?? label} className={cx("w-8 px-0!", className)}>
      {children}
    </Button>
  );
});
