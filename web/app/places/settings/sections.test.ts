import { expect, test } from "vitest";
import { w } from "@/words";
import { findSettings, sections, visibleSections } from "./sections";

const all = ["organization:read", "members:read", "leads:read", "leads:export", "keys:manage", "webhooks:manage", "integrations:manage"];

test("one search finds settings of all sections by any of their words", () => {
  expect(findSettings("postal", all).map((f) => f.section.id)).toEqual(["organization"]);
  expect(findSettings("OTP", all).map((f) => f.section.id)).toContain("security");
  expect(findSettings("people invite", all).map((f) => f.section.id)).toContain("people");
  expect(findSettings("  ", all)).toEqual([]);
});

test("the search doesn't show what may not be seen", () => {
  expect(findSettings("key", all).some((f) => f.section.id === "keys")).toBe(true);
  expect(findSettings("key", ["members:read"]).some((f) => f.section.id === "keys")).toBe(false);
  expect(visibleSections([]).map((s) => s.id)).toEqual(["profile", "security", "notifications"]);
});

test("every section can be found", () => {
  for (const s of sections) expect(w.settings.entries[s.id]?.length, s.id).toBeGreaterThan(0);
});
