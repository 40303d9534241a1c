import { expect, test } from "vitest";
import { nameOf, periodProblem, stateOf } from "./webhook-rules";

test("a webhook without a name is called after where it leads", () => {
  expect(nameOf({ name: "Warehouse", url: "https://example.com/x" })).toBe("Warehouse");
  expect(nameOf({ name: undefined, url: "https://example.com:8443/x?token=1" })).toBe("example.com:8443");
  expect(nameOf({ name: "", url: "nonsense" })).toBe("Without a name");
});

test("a state says whether deliveries go, and why not", () => {
  expect(stateOf({ enabled: true })).toBe("on");
  expect(stateOf({ enabled: true, failing_since: "2026-03-02T09:30:00Z" })).toBe("failing");
  expect(stateOf({ enabled: false, off_reason: "gone" })).toBe("gone");
  expect(stateOf({ enabled: false, off_reason: "failing", failing_since: "2026-03-02T09:30:00Z" })).toBe("off_failing");
  expect(stateOf({ enabled: false, off_reason: "asked" })).toBe("asked");
});

test("a period has an end after its beginning, and at most 31 days", () => {
  expect(periodProblem("2026-03-01T00:00", "2026-03-02T00:00")).toBe("");
  expect(periodProblem("2026-03-01T00:00", "2026-03-01T00:00")).not.toBe("");
  expect(periodProblem("2026-03-01T00:00Z", "2026-04-01T00:00Z")).toBe("");
  expect(periodProblem("2026-03-01T00:00Z", "2026-04-01T00:01Z")).not.toBe("");
  expect(periodProblem("", "2026-04-01T00:01")).toBe("");
});
