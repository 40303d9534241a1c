import { w } from "@/words";
import { formatRate } from "@/words/format";
import type { Arm, Verdict, WhatIf } from "./queries";

const s = w.experiments;

/** 0.0123 -> "+1.2": percentage points. */
export const points = (x: number) => (x > 0 ? "+" : x < 0 ? "−" : "") + formatRate(Math.abs(x)).replace(/ %$/, "");

/** A p-value as people write it. */
export const pValue = (p: number) => (p < 0.001 ? "below 0.001" : p.toFixed(3));

export const percentOf = (parts: number) => (parts % 100 === 0 ? parts / 100 : (parts / 100).toFixed(2)) + " %";

/** What can be said, in one sentence; nothing is computed here. */
export function conclusion(v: Verdict, nameOf: (arm: string) => string): { text: string; tone: "good" | "warn" | "plain" } {
  if (v.reason === "sample_ratio") return { text: s.wrongSplit(pValue(v.sample_ratio_p)), tone: "warn" };
  if (v.decided && v.winner) return { text: s.decidedFor(nameOf(v.winner)), tone: "good" };
  if (v.more_per_arm) return { text: s.notDecided(v.more_per_arm), tone: "plain" };
  return { text: v.reason === "not_yet" ? s.undecided : s.notYet, tone: "plain" };
}

/** Where the ends of all intervals lie, so that all rows share one scale. */
export const widest = (arms: Arm[]) => Math.max(0.01, ...arms.filter((a) => a.people >= 30).map((a) => a.high));

/** "2, 4,7" -> [2, 4, 7], each once. */
export function delaysIn(text: string): number[] {
  const all = text.split(/[\s,;]+/).filter(Boolean).map(Number);
  return all.every((n) => Number.isInteger(n) && n >= 0 && n <= 365) ? [...new Set(all)] : [];
}

/** Whether an arm has the highest P(best) on the last day that was looked at. */
export const aheadAtEnd = (a: Pick<WhatIf, "end" | "verdict">, arm: string) => {
  const i = a.verdict.arms.findIndex((x) => x.arm_id === arm);
  return i >= 0 && a.end.p_best[i] === Math.max(...a.end.p_best);
};
