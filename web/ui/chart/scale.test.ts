import { expect, test } from "vitest";
import { labelled, runs, scaleFromZero, spread } from "./scale";

test("an axis begins at zero and holds the greatest value", () => {
  for (const greatest of [0, 0.0173, 3, 99, 101, 2855]) {
    const s = scaleFromZero(greatest, 200);
    expect(s.ticks[0]).toBe(0);
    expect(s.max).toBeGreaterThanOrEqual(greatest);
    expect(s.y(0)).toBe(200);
    expect(s.y(s.max)).toBe(0);
  }
});

test("labels don't run into each other", () => {
  expect(labelled(28, 280, 70)).toEqual([0, 7, 14, 21]);
  expect(labelled(3, 900)).toEqual([0, 1, 2]);
  const at = spread([10, 12, 90], 14, 100);
  expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(14);
  expect(Math.max(...at)).toBeLessThanOrEqual(100);
});

test("a day without a rate breaks the line", () => {
  expect(runs([1, 2, null, 4, undefined, 6, 7])).toEqual([[0, 1], [3], [5, 6]]);
});
