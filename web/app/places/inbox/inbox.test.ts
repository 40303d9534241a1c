import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { stable } from "@/app/stable-rows";
import { causeOf, effectsOf } from "@/words/en/cause";
import { askedOf, belongs, nextAfter, readInboxSearch, scopeOf, snoozeTimes, undoOf } from "./scopes";

const rows = (...ids: string[]) => ids.map((id) => ({ id }));
const id = (r: { id: string }) => r.id;

test("a scope is known by its names, and asks for what it counts", () => {
  expect(scopeOf("in_doubt")).toBe("doubt");
  expect(scopeOf("nonsense")).toBe("answer");
  expect(askedOf("answer", { meaning: "interested", q: undefined })).toEqual({ status: "needs_answer", meaning: "interested" });
  expect(askedOf("all", {})).toEqual({});
  expect(readInboxSearch({ class: "x", q: 42, mailbox_id: "no" })).toEqual({ q: "42", class: undefined, meaning: undefined, mailbox_id: undefined, campaign_id: undefined });
});

test("what is handled leaves the list, and the next one opens", () => {
  expect(belongs("answer", "done")).toBe(false);
  expect(belongs("all", "done")).toBe(true);
  expect(belongs("mine", "snoozed")).toBe(true);
  expect(nextAfter(["a", "b", "c"], "b")).toBe("c");
  expect(nextAfter(["a", "b", "c"], "c")).toBe("b");
  expect(nextAfter(["a"], "a")).toBeUndefined();
  expect(nextAfter(["a", "b"], "gone")).toBe("a");
});

test("rows never move: new ones above are held back, a further page is added, those that are gone go", () => {
  expect(stable([], rows("a", "b"), id)).toEqual({ rows: rows("a", "b"), held: 0 });
  expect(stable(["a", "b"], rows("n", "b", "a", "c"), id)).toEqual({ rows: rows("a", "b", "c"), held: 1 });
  expect(stable(["a", "b"], rows("b"), id)).toEqual({ rows: rows("b"), held: 0 });
  expect(stable(["a"], rows("x", "y"), id)).toEqual({ rows: rows("x", "y"), held: 0 });
});

test("what is put off comes back in the morning, always later than now", () => {
  for (let d = 1; d <= 7; d++) {
    const now = new Date(2026, 10, d, 15, 0);
    for (const s of snoozeTimes(now)) expect(s.at.getTime(), s.name).toBeGreaterThan(now.getTime());
    expect(snoozeTimes(now).find((s) => s.name === "monday")!.at.getDay()).toBe(1);
  }
});

test("undo says the values of before, of what was changed", () => {
  const before = { status: "snoozed", snoozed_until: "T", assignee: undefined, unread: true } as const;
  expect(undoOf({ status: "done" }, before)).toEqual({ status: "snoozed", snoozed_until: "T" });
  expect(undoOf({ assignee: "me" }, before)).toEqual({ assignee: null });
  expect(undoOf({ unread: false }, before)).toEqual({ unread: true });
});

const item = (o: Partial<Schemas["InboxItem"]>): Schemas["InboxItem"] => ({ id: "i", direction: "in", received_at: "2026-11-11T11:40:17Z", message_id: "m", ...o });
const event = (oseq: number, type: string, time: string, text: string, data: Record<string, unknown> = {}): Schemas["TimelineEntry"] => ({ oseq, type, time, text, data, actor: { kind: "provider", id: "monitor" } });

test("an answer says what it was taken for and what that did", () => {
  expect(causeOf(item({ class: "automatic", out_of_office: true, return_date: "2026-11-18", matched_by: "message_id" }), (d) => d)).toBe("Out of office until 2026-11-18, found by the message it answers");
  const timeline = [
    event(1, "message.replied.v2", "2026-11-11T11:50:00Z", "An answer came.", { message_id: "m", at: "2026-11-11T11:40:17Z" }),
    event(2, "enrollment.stopped.v1", "2026-11-11T11:50:00Z", "The sequence was stopped after 2 sent: replied."),
    event(3, "enrollment.stopped.v1", "2026-11-14T11:50:00Z", "Later."),
  ];
  expect(effectsOf(item({ class: "reply" }), timeline)).toEqual(["The sequence was stopped after 2 sent: replied."]);
  expect(effectsOf(item({ class: "reply", message_id: "other" }), timeline)).toEqual([]);
});
