import { useNavigate, useSearch } from "@tanstack/react-router";
import { Maximize2, X } from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { useShortcuts } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { PeekEdge, usePeekWidth } from "./peek-edge";
import { peeks } from "./peeks";

/** `lead:ID`, ... in the URL: a panel beside the list. */
export function usePeek() {
  const { peek } = useSearch({ strict: false }) as { peek?: string };
  const change = useChangeSearch();
  const open = (what?: string) => change({ peek: what }, !!peek && !!what);
  return { peek, open };
}

export default function Peek() {
  const { peek, open } = usePeek();
  const [kind = "", id = ""] = peek?.split(":") ?? [];
  const found = peeks[kind];
  if (!found || !id) return null;
  return <Panel key={kind} kind={kind} id={id} onClose={() => open()} />;
}

function Panel({ kind, id, onClose }: { kind: string; id: string; onClose: () => void }) {
  const { slug } = useSession();
  const go = useNavigate();
  const [px, draw] = usePeekWidth();
  const { Body, path, label } = peeks[kind]!;
  const before = useRef<Element | null>(document.activeElement);
  const close = () => {
    onClose();
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  const page = () => void go({ to: `/o/${slug}${path(id)}` as "/" });
  useEffect(() => {
    before.current = document.activeElement;
  }, []);
  useShortcuts([
    { keys: "escape", label: w.shell.close, group: label, run: close },
    { keys: "o", label: w.shell.openPage, group: label, run: page },
  ]);
  return (
    <aside
      aria-label={label}
      style={{ "--peek": px ? `${px}px` : undefined } as never}
      className="relative flex w-[min(36rem,45vw)] max-w-[45rem] min-w-[26rem] shrink-0 flex-col overflow-hidden border-l bg-surface-0 max-lg:fixed max-lg:inset-y-0 max-lg:right-0 max-lg:z-30 max-lg:shadow-float lg:w-[var(--peek,min(36rem,45vw))] max-sm:inset-0 max-sm:w-full max-sm:min-w-0"
    >
      <PeekEdge px={px} onDraw={draw} />
      <header className="flex items-center gap-1 border-b px-3 py-1.5">
        <span className="flex-1 text-table font-medium text-text-2">{label}</span>
        <IconButton label={w.shell.openPage} onClick={page}>
          <Maximize2 size={14} aria-hidden />
        </IconButton>
        <IconButton label={w.shell.close} onClick={close}>
          <X size={14} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-auto">
        <Suspense fallback={<SkeletonRows />}>
          <Body id={id} />
        </Suspense>
      </div>
    </aside>
  );
}
