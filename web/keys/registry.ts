import { useEffect, useRef, useSyncExternalStore } from "react";

// One registry of what keys do: it draws `?`, the hints and the palette. A single key works only outside fields, and can be switched off.
export type Shortcut = {
  keys: string; // "j", "g i", "mod+k", "shift+p"
  label: string;
  group: string; // where `?` lists it
  run: () => void;
  /** also in the palette, as an action */
  palette?: boolean;
};

let all: { id: number; list: Shortcut[] }[] = [];
let flat: Shortcut[] = [];
let next = 1;
let pending = "";
let pendingUntil = 0;
const listeners = new Set<() => void>();
const offKey = "outrider.single-keys-off";

function changed() {
  flat = all.flatMap((x) => x.list);
  for (const l of listeners) l();
}

export const singleKeysOff = () => localStorage.getItem(offKey) === "1";

export function setSingleKeysOff(off: boolean) {
  if (off) localStorage.setItem(offKey, "1");
  else localStorage.removeItem(offKey);
  changed();
}

/** Registers what keys do while a component stands; the newest wins where two want the same. */
export function useShortcuts(list: Shortcut[]) {
  const newest = useRef(list);
  newest.current = list;
  const signature = list.map((s) => s.keys + s.label).join("|");
  useEffect(() => {
    const entry = { id: next++, list: newest.current.map((s, i) => ({ ...s, run: () => newest.current[i]?.run() })) };
    all = [...all, entry];
    changed();
    return () => {
      all = all.filter((x) => x !== entry);
      changed();
    };
  }, [signature]);
}

export function useAllShortcuts() {
  return useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => flat,
  );
}

function inField(t: EventTarget | null) {
  return t instanceof HTMLElement && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName)) && !(t instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(t.type));
}

/** The name of what was pressed, as it stands in a Shortcut. */
export function nameOf(e: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): string {
  const key = e.key.toLowerCase();
  const letter = /^[a-z]$/.test(key);
  return (e.ctrlKey || e.metaKey ? "mod+" : "") + (e.altKey ? "alt+" : "") + (e.shiftKey && (letter || key.length > 1) ? "shift+" : "") + key;
}

export function handleKey(e: KeyboardEvent) {
  if (e.defaultPrevented || e.isComposing) return;
  const name = nameOf(e);
  const withMod = name.startsWith("mod+");
  if (inField(e.target) && !withMod) return;
  if (document.querySelector('[role="dialog"][data-state="open"],[role="menu"]') && !withMod) return;
  if (!withMod && singleKeysOff() && name.length === 1) return;
  if (name === "enter" && e.target instanceof HTMLElement && e.target.closest("button,a,summary")) return; // it presses what has the focus
  const sequence = e.timeStamp < pendingUntil ? pending + " " + name : "";
  const find = (k: string) => flat.findLast((s) => s.keys === k);
  const found = (sequence && find(sequence)) || find(name);
  pending = "";
  if (found) {
    e.preventDefault();
    found.run();
  } else if (flat.some((s) => s.keys.startsWith(name + " "))) {
    pending = name;
    pendingUntil = e.timeStamp + 1200; // from key to key, however busy the page is between them
  }
}

/** How a shortcut is written. */
export function showKeys(keys: string) {
  const mac = /Mac|iP/.test(navigator.platform);
  return keys
    .split(" ")
    .map((k) => k.replace("mod+", mac ? "⌘" : "Ctrl ").replace("shift+", "Shift ").replace("enter", "Enter").replace("escape", "Esc").replace("arrowleft", "←").replace("arrowright", "→"))
    .join(" ");
}
