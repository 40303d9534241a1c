import { expect, test } from "vitest";
import { isAway } from "./hosts";
import type { Host } from "./queries";

const host = (state: Host["state"], written = true): Host => ({ integration_id: state, account: "ann@example.com", state, written, calendars: 1, unknown: 0 });

test("times are offered while one host who can be met is known", () => {
  expect(isAway([])).toBe(false);
  expect(isAway([host("ready"), host("needs_you")])).toBe(false);
  expect(isAway([host("partly")])).toBe(false);
  expect(isAway([host("unknown"), host("paused")])).toBe(true);
});

test("who is only looked at offers no times where somebody can be met", () => {
  expect(isAway([host("needs_you"), host("ready", false)])).toBe(true);
  expect(isAway([host("ready", false)])).toBe(false);
  expect(isAway([host("unknown", false)])).toBe(true);
});
