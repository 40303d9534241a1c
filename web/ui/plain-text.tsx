import { cx } from "./cx";

/** A person's text as text: line breaks stay, long words break, nothing is HTML. */
export function PlainText({ text, className }: { text: string; className?: string }) {
  return (
    <div dir="auto" className={cx("max-w-[72ch] break-words whitespace-pre-wrap [unicode-bidi:plaintext]", className)}>
      {text.trim()}
    </div>
  );
}
