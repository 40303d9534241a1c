import { expect, test } from "vitest";
import { readOverrides, sameOverrides } from "./overrides-rules";

test("what is typed is read, and nothing is the plan's own", () => {
  expect(readOverrides({ mailboxes: " 60", seats: "-1", leads_stored: " " })).toEqual({ overrides: { mailboxes: 60, seats: -1 } });
  expect(readOverrides({ mailboxes: "60", seats: "many" }).wrong).toBe("seats");
  expect(readOverrides({ mailboxes: "-2" }).wrong).toBe("mailboxes");
  expect(readOverrides({ mailboxes: "1.5" }).wrong).toBe("mailboxes");
});

test("an agreement is the same whatever its order", () => {
  expect(sameOverrides({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
  expect(sameOverrides({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(sameOverrides({ a: 1 }, { a: 2 })).toBe(false);
});
