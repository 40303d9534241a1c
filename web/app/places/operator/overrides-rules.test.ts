import { expect, test } from "vitest";
import { readOverrides } from "./overrides-rules";

test("limits are read line by line", () => {
  expect(readOverrides(" mailboxes 60\n\nseats: -1\n")).toEqual({ overrides: { mailboxes: 60, seats: -1 } });
  expect(readOverrides("")).toEqual({ overrides: {} });
  expect(readOverrides("mailboxes 60\nmany seats").wrong).toBe("many seats");
});
