import type { Schemas } from "@/api/client";
import { formatRate } from "@/words/format";

type Flag = Schemas["Flag"];

/** How a flag stands, in one word: what wins stands first. */
export function stateOf(f: Pick<Flag, "killed" | "phase" | "rule">): "killed" | "off" | "waiting" | "over" | "on" {
  if (f.killed) return "killed";
  if (!f.rule.enabled) return "off";
  return f.phase === "open" ? "on" : f.phase;
}

export const percentOf = (rollout: number) => formatRate(rollout / 10_000);

/** Ids and names as people type them: with commas, blanks or on lines. */
export const wordsOf = (text: string) => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

/** A time as the server has it, for an input of the browser's own zone, and back. */
export function localOf(at?: string): string {
  if (!at) return "";
  const t = new Date(at);
  return new Date(t.getTime() - t.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const instantOf = (local: string) => (local ? new Date(local).toISOString() : undefined);
