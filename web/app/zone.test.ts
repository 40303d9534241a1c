import { expect, test } from "vitest";
import { fromWallTime, setZone, wallTime } from "./zone";

test.each([
  ["America/Denver", "2026-03-02T09:30", "2026-03-02T16:30:00.000Z"],
  ["Europe/Berlin", "2026-03-29T03:30", "2026-03-29T01:30:00.000Z"], // the night in which clocks go forward
  ["Europe/Berlin", "2026-10-25T04:00", "2026-10-25T03:00:00.000Z"],
  ["Asia/Kathmandu", "2026-03-02T00:00", "2026-03-01T18:15:00.000Z"],
])("what is typed is meant in the zone in which times are shown: %s %s", (z, typed, instant) => {
  setZone(z);
  expect(fromWallTime(typed)?.toISOString()).toBe(instant);
  expect(wallTime(instant)).toBe(typed);
  expect(fromWallTime("")).toBeUndefined();
});
