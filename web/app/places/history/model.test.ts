import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { w } from "@/words";
import { family, filtersOf, mayMatch, prepend, sentence, subjectOf } from "./model";

test("every type of event has words", () => {
  const types = new Set(readdirSync(new URL("../../../../schemas/events", import.meta.url)).filter((f) => f.endsWith(".json")).map((f) => family(f.replace(/\.json$/, ""))));
  expect(types.size).toBeGreaterThan(100);
  expect([...types].filter((t) => !w.events[t])).toEqual([]);
});

test("a sentence says what tells an event from others of its type", () => {
  expect(sentence({ type: "mailbox.waited.v1", data: { rule: "cap_day" } })).toContain("limit a day");
  expect(sentence({ type: "message.clicked.v1", data: { class: "scanner" } })).toContain("scanner");
  expect(sentence({ type: "message.sent.v2", text: "Step 1 was sent." })).toBe("Step 1 was sent.");
  expect(sentence({ type: "unheard.of_it.v1" })).toBe("Unheard of it");
});

test("what an event is about leads to its page", () => {
  expect(subjectOf({ type: "message.sent.v2", subject: "a", data: { lead_id: "a", campaign_id: "b" } }).path).toBe("/leads/a");
  expect(subjectOf({ type: "campaign.paused.v1", subject: "b", data: {} }).path).toBe("/campaigns/b");
  expect(subjectOf({ type: "role.defined.v1", subject: "c", data: {} }).path).toBeUndefined();
});

test("filters go to the server as it names them", () => {
  expect(filtersOf({ actor: "api_key:k:1", type: "lead.", request: "r" })).toEqual({ actor_kind: "api_key", actor_id: "k:1", type: "lead.", correlation_id: "r" });
  expect(filtersOf({ type: "lead.,message." })).toEqual({ types: "lead.,message." });
});

test("what was just heard is counted only where it would stand", () => {
  const e = { type: "message.sent.v2", subject: "a", time: "2026-03-02T00:00:00Z" };
  expect(mayMatch({ type: "message." }, e)).toBe(true);
  expect(mayMatch({ type: "lead." }, e)).toBe(false);
  expect(mayMatch({ subject: "b" }, e)).toBe(false);
  expect(mayMatch({ to: "2026-03-01T00:00:00Z" }, e)).toBe(false);
});

test("new entries come once, and a gap is noticed", () => {
  const at = (...n: number[]) => n.map((oseq) => ({ oseq }));
  expect(prepend(at(5, 4, 3), at(4, 3))).toEqual(at(5, 4, 3));
  expect(prepend(at(9, 8), at(4, 3))).toBeUndefined();
  expect(prepend(at(4, 3), at(4, 3))).toEqual(at(4, 3));
  expect(prepend(at(2, 1), [])).toEqual(at(2, 1));
});
