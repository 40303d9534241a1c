import { expect, test } from "vitest";
import { groupEvents, pathOfGroup } from "./feed";
import { pathOfList } from "./places";

const now = new Date(Date.UTC(2026, 2, 2, 10));
const at = (minute: number, type: string, n = minute) => ({ id: String(n), oseq: n, type: type + ".v1", subject: "x", time: new Date(Date.UTC(2026, 2, 2, 9, minute)).toISOString() });

test("like events within half an hour are one line, at the time of the newest", () => {
  const groups = groupEvents([at(40, "message.sent"), at(39, "message.replied"), at(20, "message.sent"), at(5, "message.sent")], now);
  expect(groups.map((g) => [g.type, g.count])).toEqual([
    ["message.sent", 2],
    ["message.replied", 1],
    ["message.sent", 1],
  ]);
  expect(groups[0]!.from).toBe("2026-03-02T09:20:00.000Z");
  expect(groups[0]!.to).toBe("2026-03-02T09:40:00.000Z");
});

test("what only machinery cares for isn't told, and some events stand alone", () => {
  const groups = groupEvents([at(3, "message.claimed"), at(2, "campaign.paused"), at(1, "campaign.paused")], now);
  expect(groups.map((g) => g.type)).toEqual(["campaign.paused", "campaign.paused"]);
});

test("words count", () => {
  expect(groupEvents([at(2, "message.sent"), at(1, "message.sent")], now)[0]!.kind.say(2)).toBe("2 messages sent");
  expect(groupEvents([at(1, "message.sent")], now)[0]!.kind.say(1)).toBe("1 message sent");
});

test("what was long ago is told in fewer lines", () => {
  const later = new Date(Date.UTC(2026, 2, 3));
  expect(groupEvents([at(59, "message.sent"), at(1, "message.sent")], later)).toHaveLength(1);
  expect(groupEvents([at(59, "message.sent"), at(1, "message.sent")], now)).toHaveLength(2);
});

test("a line leads to the list of what it counts", () => {
  const [sent, booked] = groupEvents([at(40, "message.sent"), at(30, "meeting.booked"), at(20, "message.sent")], now);
  expect(pathOfGroup(sent!)).toBe("/history?type=message.sent&from=2026-03-02T09%3A20%3A00.000Z&to=2026-03-02T09%3A40%3A00.001Z");
  expect(pathOfGroup(booked!)).toBe("/meetings");
});

test("a number leads to the list which the server names for it", () => {
  expect(pathOfList({ path: "/v1/inbox", query: { status: "needs_answer", class: "reply" } })).toBe("/inbox/answer?class=reply");
  expect(pathOfList({ path: "/v1/messages", query: { state: "in_doubt" } })).toBe("/inbox/doubt");
  expect(pathOfList({ path: "/v1/leads", query: { tag: "vip" } })).toBe("/leads?tag=vip");
});
