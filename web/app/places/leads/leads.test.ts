import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { newestEnrollment, stateSentence } from "@/words/en/lead-state";
import { changed, differences, patchOf } from "./conflict";
import { asked, filtersOf, readLeadsSearch, selectionOf, sortOf } from "./filters";
import { moreThanBefore, renew } from "./rows";
import { neighbour, tell, wordsOf } from "./story";

type Lead = Schemas["Lead"];
const lead = (o: Partial<Lead> = {}): Lead => ({ id: "l", source: "manual", outreach_status: "new", suppressed: false, tags: [], custom: {}, version: 1, created_at: "2026-11-08T17:00:00Z", updated_at: "2026-11-08T17:00:00Z", ...o });
const entry = (oseq: number, type: string, time: string, data: Record<string, unknown> = {}): Schemas["TimelineEntry"] => ({ oseq, type, time, data, text: type, actor: { kind: "clock", id: "clock" } });

test("the URL says what is listed, and nonsense in it is left out", () => {
  const s = readLeadsSearch({ q: 123, suppressed: "true", outreach_status: "nobody", campaign_id: "x", created_from: "soon", sort: "-email", tag: " vip " });
  expect(filtersOf(s)).toEqual({ q: "123", suppressed: true, tag: "vip" });
  expect(sortOf(s)).toEqual({ by: "email", descending: true });
  expect(filtersOf(readLeadsSearch({ outreach_status: "replied" }))).toEqual({ outreach_status: "replied" });
  expect(readLeadsSearch({ sort: "-password" }).sort).toBeUndefined();
});

test("all that match are what the list shows, and without filters all there are", () => {
  expect(selectionOf({ suppressed: false })).toEqual({ suppressed: false });
  expect(selectionOf({})).toEqual({ all: true });
  expect(asked({ created_from: "2026-11-08" }).created_from).toBe("2026-11-08T00:00:00.000Z");
});

test("newer data renews rows where they stand; new ones are only counted", () => {
  const [a, b, c] = [lead({ id: "a" }), lead({ id: "b" }), lead({ id: "c" })];
  const b2 = lead({ id: "b", version: 2 });
  expect(renew([a, b], [c, b2, a])).toEqual([a, b2]);
  const rows = [a, b];
  expect(renew(rows, [a, b])).toBe(rows);
  expect(moreThanBefore(12, 10)).toBe(2);
  expect(moreThanBefore(9, 10)).toBe(0);
});

test("a story shows messages and answers, and folds machinery and idle time", () => {
  const items = tell([
    entry(1, "lead.created.v2", "2026-11-08T17:00:00Z"),
    entry(2, "message.requested.v1", "2026-11-09T06:00:00Z", { message_id: "m1" }),
    entry(3, "message.approved.v1", "2026-11-09T06:00:00Z", { message_id: "m1", by: "policy" }),
    entry(4, "message.sent.v2", "2026-11-10T18:00:00Z", { message_id: "m1", step: 1 }),
    entry(5, "message.opened.v1", "2026-11-10T19:00:00Z", { message_id: "m1" }),
    entry(6, "message.replied.v2", "2026-11-16T11:50:00Z", { message_id: "m1", at: "2026-11-16T11:40:00Z" }),
  ]);
  expect(items.map((i) => i.kind)).toEqual(["event", "technical", "idle", "message", "technical", "idle", "answer"]);
  expect(items[5]).toMatchObject({ days: 5 });
  expect(items[1]).toMatchObject({ entries: [{ oseq: 2 }, { oseq: 3 }] });
});

test("an approval by a person is told, a message that was in doubt and was sent is one block", () => {
  const items = tell([
    entry(1, "message.approved.v1", "2026-11-09T06:00:00Z", { message_id: "m1", by: "person" }),
    entry(2, "message.in_doubt.v1", "2026-11-09T07:00:00Z", { message_id: "m1" }),
    entry(3, "message.sent.v2", "2026-11-09T08:00:00Z", { message_id: "m1" }),
  ]);
  expect(items.map((i) => i.kind)).toEqual(["event", "message"]);
  expect(items[1]).toMatchObject({ at: "2026-11-09T07:00:00Z", entry: { oseq: 3 } });
});

test("the words of an answer are those that came in at its time", () => {
  const items = [
    { message_id: "m1", received_at: "2026-11-10T10:00:00Z", text: "away" },
    { message_id: "m1", received_at: "2026-11-11T10:00:00Z", text: "yes" },
    { message_id: "m2", received_at: "2026-11-11T10:00:01Z", text: "other" },
  ];
  expect(wordsOf({ message: "m1", at: "2026-11-11T10:00:02Z" }, items)?.text).toBe("yes");
  expect(wordsOf({ message: "m3", at: "2026-11-11T10:00:02Z" }, items)).toBeUndefined();
});

test("time is stepped through by events", () => {
  const list = [entry(1, "a", "2026-11-08T00:00:00Z"), entry(2, "b", "2026-11-09T00:00:00Z")];
  expect(neighbour(list, undefined, -1)?.oseq).toBe(2);
  expect(neighbour(list, "2026-11-09T00:00:00Z", -1)?.oseq).toBe(1);
  expect(neighbour(list, "2026-11-08T00:00:00Z", 1)?.oseq).toBe(2);
  expect(neighbour(list, "2026-11-09T00:00:00Z", 1)).toBeUndefined();
});

test("only what both changed to different texts is a conflict", () => {
  const base = { first_name: "Ann", country: "Germany", city: "" };
  const mine = { first_name: "Anne", country: "France", city: "" };
  const theirs = { first_name: "Anna", country: "Germany", city: "Berlin" };
  expect(differences(base, mine, theirs)).toEqual([{ field: "first_name", theirs: "Anna", mine: "Anne" }]);
  expect(differences(base, mine, { ...theirs, first_name: "Anne" })).toEqual([]);
  expect(patchOf(changed({ ...base, "custom.size": "10" }, { ...mine, country: " ", "custom.size": "" }))).toEqual({ first_name: "Anne", country: null, custom: { size: null } });
});

test("the sentence of state says what comes next, or why nothing does", () => {
  const when = (t: string, z?: string) => t + (z ? "@" + z : "");
  const e = (o: Partial<Schemas["Enrollment"]>): Schemas["Enrollment"] => ({ id: "e", campaign_id: "c", lead_id: "l", counted: true, state: "active", steps_version: 1, step: 1, steps: 3, created_at: "2026-11-08T17:00:00Z", updated_at: "2026-11-08T17:00:00Z", ...o });
  expect(stateSentence(lead(), [], undefined, when)).toContain("no campaign");
  const active = stateSentence(lead({ time_zone: "America/Denver" }), [e({})], { state: "waiting", bound: "window", not_before: "T", rules: [] }, when);
  expect(active).toBe("Step 2 of 3 leaves T@America/Denver in Denver at the earliest. It waits for: recipient's working hours.");
  expect(stateSentence(lead({ suppressed: true, suppressed_reason: "unsubscribe" }), [e({ state: "stopped" })], undefined, when)).toContain("unsubscribed");
  expect(stateSentence(lead({ erased_at: "T" }), [], undefined, when)).toContain("Erased T");
  expect(newestEnrollment([e({ id: "a", state: "stopped", created_at: "2026-11-10T00:00:00Z" }), e({ id: "b", state: "paused" })])?.id).toBe("b");
});

test("fields of one's own filter and sort, in the address and in what is done with many", () => {
  const s = readLeadsSearch({ "custom.segment": "mid-market", "custom.Not A Name": "x", sort: "-custom.segment", q: "ann" });
  expect(filtersOf(s)).toEqual({ q: "ann", "custom.segment": "mid-market" });
  expect(s.sort).toBe("-custom.segment");
  expect(selectionOf(filtersOf(s))).toEqual({ q: "ann", custom: { segment: "mid-market" } });
  expect(readLeadsSearch({ sort: "custom.A" }).sort).toBeUndefined();
});
