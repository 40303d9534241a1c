import { expect, test } from "vitest";
import { rules } from "./en/rules";
import { cityOf, daysInWords, ruleDetail, ruleName } from "./en/why";

test("days are named as ranges where they are", () => {
  expect(daysInWords([1, 2, 3, 4, 5])).toBe("Mon–Fri");
  expect(daysInWords([5, 1, 2])).toBe("Mon, Tue, Fri");
  expect(daysInWords([0, 6])).toBe("Sat, Sun");
  expect(daysInWords([])).toBe("");
});

test("every rule has a name and says what was looked at", () => {
  for (const r of Object.keys(rules)) {
    expect(ruleName(r), r).not.toBe("");
    expect(ruleDetail(r, {}, () => "then"), r).not.toBe("");
  }
});

test("a window says whose hours they are", () => {
  expect(cityOf("America/Los_Angeles")).toBe("Los Angeles");
  expect(ruleDetail("window", { zone: "Europe/Berlin", window: { days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" } }, () => "")).toBe("Mon–Fri 09:00–17:00, Berlin");
});

test("a pause without an end waits for somebody", () => {
  expect(ruleDetail("enrollment", { paused: true, ended: false }, () => "")).toContain("somebody");
  expect(ruleDetail("enrollment", { paused: true, until: "2026-11-24T08:00:00Z" }, () => "Tuesday")).toBe("paused until Tuesday");
});
