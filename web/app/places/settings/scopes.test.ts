import { expect, test } from "vitest";
import { networksOf, scopeGroups } from "./scopes";

test("scopes stand in groups, reading first, and none is lost", () => {
  const all = ["leads:write", "campaigns:read", "leads:read", "novel:thing", "imports:write"];
  const groups = scopeGroups(all);
  expect(groups.flatMap(([, list]) => list).sort()).toEqual([...all].sort());
  expect(groups.find(([, list]) => list.includes("leads:read"))?.[1][0]).toBe("leads:read");
});

test("networks are taken by lines or commas", () => {
  expect(networksOf("192.0.2.0/24, 2001:db8::/32\n198.51.100.7 ")).toEqual(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]);
  expect(networksOf(" \n")).toEqual([]);
});
