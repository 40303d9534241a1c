import { expect, test } from "vitest";
import { aheadAtEnd, conclusion, delaysIn, percentOf, points, pValue, widest } from "./model";
import type { Arm, Verdict } from "./queries";

const verdict = (v: Partial<Verdict>) => ({ arms: [], held_out: 0, held_out_successes: 0, sample_ratio_p: 1, p_value: 1, decided: false, reason: "not_yet", ...v }) as Verdict;

test("the conclusion says what is missing, and warns of a wrong split before all else", () => {
  const name = (x: string) => "arm " + x;
  expect(conclusion(verdict({ reason: "sample_ratio", decided: false, sample_ratio_p: 0.0001, more_per_arm: 5 }), name)).toMatchObject({ tone: "warn" });
  expect(conclusion(verdict({ reason: "decided", decided: true, winner: "b" }), name).text).toContain("arm b");
  expect(conclusion(verdict({ more_per_arm: 340 }), name).text).toContain("340");
  expect(conclusion(verdict({}), name).text).toContain("no difference");
});

test("figures are written with their sign, and small p-values without false digits", () => {
  expect(points(0.0123)).toBe("+1.2");
  expect(points(-0.02)).toBe("−2.0");
  expect(pValue(0.00001)).toBe("below 0.001");
  expect(percentOf(9500)).toBe("95 %");
  expect(percentOf(20)).toBe("0.20 %");
});

test("arms with too few people don't stretch the scale", () => {
  expect(widest([{ people: 3, high: 0.9 }, { people: 200, high: 0.12 }] as Arm[])).toBe(0.12);
});

test("delays are whole numbers, each once", () => {
  expect(delaysIn("2, 4;4 7")).toEqual([2, 4, 7]);
  expect(delaysIn("2, x")).toEqual([]);
});

test("whoever is ahead at the end is told by the last day, not by the rule that stopped", () => {
  const a = { verdict: verdict({ arms: [{ arm_id: "a" }, { arm_id: "b" }] as Arm[] }), end: { at: "", people: [9, 9], successes: [1, 4], p_value: 0.1, p_best: [0.1, 0.9], decides: false } };
  expect(aheadAtEnd(a, "b")).toBe(true);
  expect(aheadAtEnd(a, "a")).toBe(false);
  expect(aheadAtEnd(a, "gone")).toBe(false);
});
