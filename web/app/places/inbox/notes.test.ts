import { expect, test } from "vitest";
import { byTime, mentionsIn, type Note } from "./notes";
import { matching, typedAfter } from "./suggest";

const note = (id: string, at: string) => ({ id, created_at: at }) as Note;

test("notes stand among what was written, by time", () => {
  const all = byTime([{ id: "a", received_at: "2026-03-01T10:00:00Z" }, { id: "b", received_at: "2026-03-01T12:00:00Z" }], [note("n1", "2026-03-01T11:00:00Z"), note("n2", "2026-03-01T12:00:00Z")]);
  expect(all.map((x) => ("note" in x ? x.note.id : x.item.id + x.index))).toEqual(["a0", "n1", "b1", "n2"]);
});

test("who is named behind an @ is told, once", () => {
  const people = [
    { id: "1", first_name: "Ann" },
    { id: "2", first_name: "Ann", last_name: "Lee" },
    { id: "3", email: "max@ours.test" },
  ];
  expect(mentionsIn("@Ann Lee and @max@ours.test, @Ann Lee", people)).toEqual(["2", "3"]);
  expect(mentionsIn("@Ann is not Ann Lee", people)).toEqual(["1"]);
  expect(mentionsIn("ann@example.com", people)).toEqual([]);
});

test("a mark opens the list where it begins a word", () => {
  expect(typedAfter("/", "/pri", 4)).toEqual({ from: 0, word: "pri" });
  expect(typedAfter("/", "Hi\n/", 4)).toEqual({ from: 3, word: "" });
  expect(typedAfter("/", "https://x", 9)).toBeUndefined();
  expect(typedAfter("@", "ann@ex", 6)).toBeUndefined();
  expect(typedAfter("@", "@Ann\nmore", 9)).toBeUndefined();
  expect(matching([{ id: "1", label: "Price list" }, { id: "2", label: "Spring" }], "li").map((o) => o.id)).toEqual(["1"]);
});
