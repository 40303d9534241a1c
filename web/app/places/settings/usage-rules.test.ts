import { expect, test } from "vitest";
import { runsOut } from "./usage-rules";

const from = "2026-03-01T00:00:00Z";
const to = "2026-03-31T00:00:00Z";
const at = (d: string) => new Date(d + "T00:00:00Z");

test("a limit that is used up faster than time says its day", () => {
  expect(runsOut(500, 1000, from, to, at("2026-03-11"))).toEqual({ kind: "on", at: at("2026-03-21") });
  expect(runsOut(100, 1000, from, to, at("2026-03-11"))).toEqual({ kind: "lasts" });
});

test("what is reached is reached, and the first hours say nothing", () => {
  expect(runsOut(1000, 1000, from, to, at("2026-03-11"))).toEqual({ kind: "reached" });
  expect(runsOut(400, 1000, from, to, new Date("2026-03-01T02:00:00Z"))).toEqual({ kind: "lasts" });
});
