import { expect, test } from "vitest";
import { changesOf } from "./diff";
import { checkSequence, checkText, type TextAbout } from "./checks";
import { guardedIn, hasValue, linksIn, usedIn } from "./liquid";
import { percents, withShare } from "./weights";

const about: TextAbout = { first: true, known: new Set(["pet"]), people: [], footer: true, postalAddress: true };

test("shares are whole, and sum to 100", () => {
  expect(percents([1, 1, 1])).toEqual([34, 33, 33]);
  expect(percents([0, 0])).toEqual([50, 50]);
  expect(percents([1])).toEqual([100]);
  expect(percents([3, 1])).toEqual([75, 25]);
  for (let share = 0; share <= 100; share++) expect(withShare([34, 33, 33], 1, share).reduce((a, b) => a + b)).toBe(100);
  expect(withShare([50, 30, 20], 0, 0)).toEqual([0, 60, 40]);
  expect(withShare([100, 0], 0, 40)).toEqual([40, 60]);
});

test("a text's variables are found, with their fallbacks", () => {
  expect(usedIn('Hi {{ first_name | default: "there" }} of {{company_name}}, {{- custom.pet -}}')).toEqual([
    { name: "first_name", fallback: true },
    { name: "company_name", fallback: false },
    { name: "custom.pet", fallback: false },
  ]);
  expect(usedIn('{{ a | default: "x" }} {{ a }}')).toEqual([{ name: "a", fallback: false }]);
  expect([...guardedIn("{% if city %}in {{ city }}{% endif %}")]).toContain("city");
});

test("a value that is blank is none", () => {
  expect(hasValue({ first_name: " " }, "first_name")).toBe(false);
  expect(hasValue({ custom: { pet: 3 } }, "custom.pet")).toBe(true);
  expect(hasValue({ custom: { pet: 3 } }, "pet")).toBe(true);
  expect(hasValue({}, "booking_link")).toBe(true);
});

test("links end before the punctuation behind them", () => {
  expect(linksIn("See https://example.com/a, or (http://example.test/b).")).toEqual(["https://example.com/a", "http://example.test/b"]);
});

test("who lacks a value is counted, unless the text says what stands there", () => {
  const people = [{ first_name: "Ann", custom: {} }, { custom: {} }] as never;
  expect(checkText({ subject: "S", body: "Hi {{ first_name }}" }, { ...about, people })).toMatchObject([{ level: "warn" }]);
  expect(checkText({ subject: "S", body: 'Hi {{ first_name | default: "x" }}' }, { ...about, people })).toEqual([]);
  expect(checkText({ subject: "S", body: "Hi {{ frist_name }}" }, { ...about, people })).toMatchObject([{ level: "bad" }]);
  expect(checkText({ subject: "S", body: "Hi {{ custom.pet }}" }, about)).toEqual([]);
});

test("without the footer the text must hold link and address", () => {
  const bad = checkText({ subject: "S", body: "Hi" }, { ...about, footer: false });
  expect(bad.filter((x) => x.level === "bad")).toHaveLength(2);
  expect(checkText({ subject: "S", body: "{{ unsubscribe_link }} {{ postal_address }}" }, { ...about, footer: false })).toEqual([]);
});

test("a sequence is held against the campaign's limits", () => {
  const step = (delay: number, weight = 1) => ({ delay_days: delay, variants: [{ subject: "", body: "x", weight }] });
  expect(checkSequence([], { max_follow_ups: 4, follow_up_days: 2 })).toHaveLength(1);
  expect(checkSequence([step(0), step(2)], { max_follow_ups: 4, follow_up_days: 2 })).toEqual([]);
  expect(checkSequence([step(0), step(1)], { max_follow_ups: 4, follow_up_days: 2 })).toHaveLength(1);
  expect(checkSequence([step(0), step(2)], { max_follow_ups: 0, follow_up_days: 2 })).toHaveLength(1);
  expect(checkSequence([step(0, 0)], { max_follow_ups: 4, follow_up_days: 2 })).toHaveLength(1);
});

test("differences are known by ids, not by places", () => {
  const a = { step_id: "1", delay_days: 0, variants: [{ variant_id: "a", subject: "S", body: "B", weight: 1 }] };
  const b = { step_id: "2", delay_days: 3, variants: [{ variant_id: "b", subject: "", body: "C", weight: 1 }] };
  expect(changesOf([a, b], [a, b])).toEqual([]);
  expect(changesOf([a, b], [a])).toMatchObject([{ before: "C", after: "" }]);
  expect(changesOf([a], [a, b])).toMatchObject([{ before: "", after: "C" }]);
  expect(changesOf([a], [{ ...a, variants: [{ ...a.variants[0]!, body: "B2" }] }])).toMatchObject([{ before: "B", after: "B2" }]);
  expect(changesOf([a, b], [b, a]).length).toBeGreaterThan(0);
});
