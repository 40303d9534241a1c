import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { w } from "@/words";

/** A text that is copied by a click. */
export function CopyText({ text, label, show = text }: { text: string; label: string; show?: string }) {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      className="inline-flex min-h-6 items-center gap-1.5 rounded-control text-meta text-text-3 hover:text-text-1"
      title={w.states.copy}
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      }}
    >
      {label && <span>{label}</span>}
      <span className="mono">{show}</span>
      {done ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />}
      <span className="sr-only" role="status">
        {done ? w.states.copied : ""}
      </span>
    </button>
  );
}
