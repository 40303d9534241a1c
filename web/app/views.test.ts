import { expect, test } from "vitest";
import { keptOf, sameView } from "./views";

test("a view keeps what is set, in any order", () => {
  expect(keptOf({ q: "ann", tag: undefined, suppressed: false, sort: "" })).toEqual({ q: "ann", suppressed: "false" });
  expect(sameView({ b: "2", a: "1" }, { a: "1", b: "2" })).toBe(true);
  expect(sameView({ a: "1" }, { a: "2" })).toBe(false);
});
