import { useState } from "react";

/** What was typed and isn't saved yet, kept in this browser until it is. */
export function useDraft(key: string): [string | undefined, (text: string | undefined) => void] {
  const name = "outrider.draft." + key;
  const [text, setText] = useState<string | undefined>(localStorage.getItem(name) ?? undefined);
  const set = (next: string | undefined) => {
    if (next === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, next);
    setText(next);
  };
  return [text, set];
}
