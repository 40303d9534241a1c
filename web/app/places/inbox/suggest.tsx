import { useId, useState, type ChangeEvent, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { cx } from "@/ui/cx";

export type Option = { id: string; label: string; hint?: string };

const most = 6;

/** What is being typed after the mark, before the cursor: "@an" is { from: 0, word: "an" }. The mark begins a word. */
export function typedAfter(mark: string, text: string, cursor: number): { from: number; word: string } | undefined {
  const before = text.slice(0, cursor);
  const from = before.lastIndexOf(mark);
  if (from < 0 || (from > 0 && !/\s/.test(before[from - 1]!))) return undefined;
  const word = before.slice(from + 1);
  return word.length > 40 || /\n/.test(word) || word.startsWith(" ") ? undefined : { from, word };
}

/** Options of which some word begins with what was typed, or whose label does. */
export function matching(options: Option[], word: string): Option[] {
  const w = word.toLowerCase();
  return options.filter((o) => o.label.toLowerCase().startsWith(w) || o.label.toLowerCase().split(/\s+/).some((part) => part.startsWith(w))).slice(0, most);
}

/**
 * A list below a text area that opens with a mark such as @, and is worked by arrows, Enter and Escape. onPick gets the option and the text around the
 * word that was typed.
 */
export function useSuggest({ mark, label, none, options, text, area, onPick }: { mark: string; label: string; none?: ReactNode; options: Option[]; text: string; area: RefObject<HTMLTextAreaElement | null>; onPick: (o: Option, before: string, after: string) => void }) {
  const id = useId();
  const [at, setAt] = useState<{ from: number; word: string }>();
  const [active, setActive] = useState(0);
  const found = at ? matching(options, at.word) : [];
  const open = !!at && (found.length > 0 || (!!none && !/\s/.test(at.word)));
  const look = (e: ChangeEvent<HTMLTextAreaElement>) => {
    setAt(typedAfter(mark, e.target.value, e.target.selectionStart ?? e.target.value.length));
    setActive(0);
  };
  const close = () => setAt(undefined);
  const pick = (o: Option | undefined) => {
    if (!o || !at) return;
    onPick(o, text.slice(0, at.from), text.slice(at.from + 1 + at.word.length));
    close();
    area.current?.focus();
  };
  /** Reports whether the key was for the list. */
  const onKey = (e: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    if (!open || e.nativeEvent.isComposing || e.ctrlKey || e.metaKey) return false;
    if (e.key === "Escape") close();
    else if (found.length === 0) return false;
    else if (e.key === "ArrowDown") setActive((active + 1) % found.length);
    else if (e.key === "ArrowUp") setActive((active + found.length - 1) % found.length);
    else if (e.key === "Enter" || e.key === "Tab") pick(found[active]);
    else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  const list = open && (
    <div className="relative max-w-[76ch]">
      <div className="absolute bottom-1 left-0 z-10 w-full max-w-80 rounded-panel border bg-surface-0 p-1 shadow-float">
        {found.length === 0 ? (
          <p className="px-2 py-1.5 text-table text-text-3">{none}</p>
        ) : (
          <ul role="listbox" id={id} aria-label={label}>
            {found.map((o, n) => (
              <li
                key={o.id}
                id={`${id}-${n}`}
                role="option"
                aria-selected={n === active}
                onPointerDown={(e) => {
                  e.preventDefault(); // the text keeps the focus
                  pick(o);
                }}
                className={cx("flex min-h-8 cursor-default items-center gap-3 rounded-control px-2 text-table pointer-coarse:min-h-11", n === active && "bg-surface-2")}
              >
                <span className="min-w-0 truncate">{o.label}</span>
                {o.hint && <span className="ml-auto min-w-0 truncate text-meta text-text-3">{o.hint}</span>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
  const aria = { "aria-autocomplete": "list" as const, "aria-controls": open && found.length > 0 ? id : undefined, "aria-activedescendant": open && found.length > 0 ? `${id}-${active}` : undefined };
  return { list, aria, look, onKey, close };
}
