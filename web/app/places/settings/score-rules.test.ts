import { expect, test } from "vitest";
import { asked, complete, fieldInWords, fieldOptions, newRule, type Rule } from "./score-rules";

const rule = (r: Partial<Rule>): Rule => ({ name: "A", of: "lead", field: "country", test: "one_of", values: ["Germany"], weight: 10, ...r });

test("a rule keeps what its test asks for, and nothing else", () => {
  expect(complete(rule({ values: [" Germany ", ""], days: 3, from: 1 }))).toEqual({ name: "A", of: "lead", field: "country", test: "one_of", values: ["Germany"], weight: 10 });
  expect(complete(rule({ test: "range", from: 0, to: undefined }))).toEqual({ name: "A", of: "lead", field: "country", test: "range", from: 0, weight: 10 });
  expect(complete(rule({ test: "exists" }))).toEqual({ name: "A", of: "lead", field: "country", test: "exists", weight: 10 });
});

test("an unfinished rule isn't sent", () => {
  for (const r of [{ values: [] }, { name: " " }, { weight: 0 }, { weight: NaN }, { test: "range" as const, from: undefined, to: undefined }, { test: "newer_than" as const, days: 0 }, { test: "equals" as const, values: ["a", "b"] }])
    expect(complete(rule(r)), JSON.stringify(r)).toBeUndefined();
  const set = { rules: [rule({})], qualified_lead: 60, qualified_intent: 0, review_lead: 30 };
  expect(asked(set)).toEqual(set);
  expect(asked({ ...set, review_lead: 61 })).toBeUndefined();
  expect(asked({ ...set, rules: [rule({}), rule({ name: "A " })] })).toBeUndefined();
  expect(asked({ ...set, rules: [] })).toBeUndefined();
});

test("what a rule asks has words", () => {
  expect(fieldInWords("fact.hiring")).toBe("Fact: is hiring");
  expect(fieldInWords("custom.deal_size")).toBe("Own field: deal size");
  const all = fieldOptions(["size"], ["custom.gone", "country"]).map((o) => o.value);
  expect(all).toContain("custom.size");
  expect(all).toContain("custom.gone");
  expect(new Set(all).size).toBe(all.length);
  expect(newRule("intent", ["New rule"]).name).toBe("New rule 2");
});
