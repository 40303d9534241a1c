import { expect, test } from "vitest";
import { isFor, isMailed, isTold, typesTold } from "./notification-kinds";

test("who hasn't chosen is told of everything, and of what is theirs by mail", () => {
  expect(isTold({}, "imports")).toBe(true);
  expect(isMailed({}, "mentions")).toBe(true);
  expect(isMailed({}, "replies")).toBe(false);
  expect(isMailed({ mentions: { app: true, mail: false } }, "mentions")).toBe(false);
  expect(typesTold({ imports: { app: false, mail: true } })).not.toContain("import.failed");
});

test("a note is for whom it names, a conversation for whom it is given to", () => {
  expect(isFor({ type: "thread.noted.v1", data: { mentions: ["ann"] } }, "ann")).toBe(true);
  expect(isFor({ type: "thread.noted.v1", data: {} }, "ann")).toBe(false);
  expect(isFor({ type: "thread.assigned.v1", data: { assignee: "bob" } }, "ann")).toBe(false);
  expect(isFor({ type: "meeting.booked.v2" }, "ann")).toBe(true);
});

test("a request to launch is for who may launch", () => {
  expect(isFor({ type: "campaign.launch_requested.v1" }, "ann", ["campaigns:send"])).toBe(true);
  expect(isFor({ type: "campaign.launch_requested.v1" }, "ann", ["campaigns:write"])).toBe(false);
});
