import { useRef, useState, type KeyboardEvent } from "react";
import { peek as words } from "@/words/en/peek";

const least = 420; // px
const most = 720;
const key = "outrider.peek-width";

const within = (px: number) => Math.round(Math.max(least, Math.min(most, px)));

/** How wide the panel is: as it was drawn in this browser, else undefined. */
export function usePeekWidth(): [number | undefined, (px: number) => void] {
  const kept = Number(localStorage.getItem(key));
  const [px, setPx] = useState(kept >= least && kept <= most ? kept : undefined);
  return [
    px,
    (to) => {
      localStorage.setItem(key, String(within(to)));
      setPx(within(to));
    },
  ];
}

/** The left edge of the panel: drawn with the pointer, or moved by the arrow keys. */
export function PeekEdge({ px, onDraw }: { px?: number; onDraw: (px: number) => void }) {
  const held = useRef(false);
  const edge = useRef<HTMLDivElement>(null);
  const now = () => px ?? edge.current?.parentElement?.getBoundingClientRect().width ?? least;
  const onKeyDown = (e: KeyboardEvent) => {
    const by: Record<string, number> = { ArrowLeft: 24, ArrowRight: -24, Home: most, End: -most };
    if (!(e.key in by)) return;
    e.preventDefault();
    e.stopPropagation();
    onDraw(now() + by[e.key]!);
  };
  return (
    <div
      ref={edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={words.width}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={px ?? least}
      aria-valuetext={words.wide(px ?? 0)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(e) => {
        held.current = true;
        e.currentTarget.setPointerCapture(e.pointerId);
        e.preventDefault();
      }}
      onPointerMove={(e) => held.current && onDraw(e.currentTarget.parentElement!.getBoundingClientRect().right - e.clientX)}
      onPointerUp={() => (held.current = false)}
      onPointerCancel={() => (held.current = false)}
      className="absolute inset-y-0 left-0 z-10 w-2 cursor-col-resize touch-none hover:bg-accent-soft focus-visible:bg-accent-soft max-lg:hidden"
    />
  );
}
