import { expect, test } from "vitest";
import { named } from "./search";

test("a number is an event, an id is a request", () => {
  expect(named("12829")[0]).toMatchObject({ kind: "event", path: "/history/12829" });
  expect(named("01a2287d-3a52-74fb-a4b1-b099f39a41ed")[0]).toMatchObject({ kind: "request" });
  expect(named("ann")).toEqual([]);
});
