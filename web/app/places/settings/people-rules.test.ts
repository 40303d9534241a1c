import { expect, test } from "vitest";
import { mayGive, permissionRows, whyNoChange } from "./people-rules";

const owner = { id: "owner", permissions: ["leads:read", "organization:transfer"] };
const member = { id: "member", permissions: ["leads:read"] };

test("nobody gives a role with permissions that they lack", () => {
  expect(mayGive(member, ["leads:read", "members:manage"])).toBe(true);
  expect(mayGive(owner, ["leads:read", "members:manage"])).toBe(false);
});

test("the last owner can't go, nor can an admin change an owner", () => {
  const roles = [owner, member];
  expect(whyNoChange({ role: "owner" }, 1, owner.permissions, roles)).toContain("owner");
  expect(whyNoChange({ role: "owner" }, 2, owner.permissions, roles)).toBeUndefined();
  expect(whyNoChange({ role: "owner" }, 2, ["leads:read"], roles)).toContain("organization:transfer");
  expect(whyNoChange({ role: "member" }, 1, ["leads:read"], roles)).toBeUndefined();
});

test("each permission has one row, what leaves the house apart", () => {
  const rows = permissionRows([owner, { id: "x", permissions: ["leads:erase", "leads:read"] }], ["pii:read"]);
  expect(rows.strong).toEqual(["pii:read", "leads:erase"]);
  expect(rows.others).toEqual(["leads:read", "organization:transfer"]);
});
