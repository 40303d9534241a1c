import { expect, test } from "vitest";
import { instantOf, localOf, stateOf, wordsOf } from "./flag-rules";

const rule = { description: "", enabled: true, rollout: 10_000, organizations: [], plans: [] };

test("a killed flag is killed, whatever else it is", () => {
  expect(stateOf({ killed: true, phase: "open", rule })).toBe("killed");
  expect(stateOf({ killed: false, phase: "waiting", rule: { ...rule, enabled: false } })).toBe("off");
  expect(stateOf({ killed: false, phase: "over", rule })).toBe("over");
  expect(stateOf({ killed: false, phase: "open", rule })).toBe("on");
});

test("words are what is between commas, blanks and lines, each once", () => {
  expect(wordsOf(" growth, scale\ngrowth ")).toEqual(["growth", "scale"]);
  expect(wordsOf("")).toEqual([]);
});

test("a time survives the input of the browser", () => {
  expect(instantOf(localOf("2026-11-30T12:34:00.000Z"))).toBe("2026-11-30T12:34:00.000Z");
  expect(instantOf(localOf(undefined))).toBeUndefined();
});
