import { expect, test } from "vitest";
import { parseEvent } from "./events";
import { staleAfter } from "./stale";

test("an event makes what shows it stale", () => {
  expect(staleAfter("message.sent")).toEqual(expect.arrayContaining(["messages", "today", "plan", "analytics", "history"]));
  expect(staleAfter("meeting.booked")).toContain("meetings");
  expect(staleAfter("unheard.of")).toEqual(["history"]);
});

test("a block of the stream is an event, or nothing of ours", () => {
  expect(parseEvent('id: 7\ndata: {"oseq":7,"type":"lead.created","subject":"x","time":"2026-03-01T00:00:00Z","position":"p"}')?.oseq).toBe(7);
  expect(parseEvent(": still here")).toBeUndefined();
  expect(parseEvent("data: {")).toBeUndefined();
});
