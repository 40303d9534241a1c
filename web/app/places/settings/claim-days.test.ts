import { expect, test } from "vitest";
import { setZone } from "@/app/zone";
import { endOfDay, lastDay } from "./claim-days";

test("a sentence may be said until its last day is over, where times are shown", () => {
  setZone("Europe/Berlin");
  expect(endOfDay("2026-12-31")).toBe("2026-12-31T23:00:00.000Z");
  expect(endOfDay("2026-03-28")).toBe("2026-03-28T23:00:00.000Z");
  expect(lastDay("2026-12-31T23:00:00Z")).toBe("2026-12-31");
  expect(lastDay("2027-01-01T12:00:00Z")).toBe("2027-01-01");
  setZone(undefined);
});
