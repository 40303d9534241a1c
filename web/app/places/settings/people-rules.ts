import type { Schemas } from "@/api/client";
import { w } from "@/words";

type Role = Pick<Schemas["RoleDefinition"], "id" | "permissions">;

/** Reports whether somebody with these permissions can give a role: nobody gives what they lack. The server decides. */
export function mayGive(role: Role, own: readonly string[]) {
  return role.permissions.every((p) => own.includes(p));
}

/** Says why a member's role can't be changed nor the member removed; undefined when it can. */
export function whyNoChange(m: { role: string }, owners: number, own: readonly string[], roles: readonly Role[]): string | undefined {
  if (m.role === "owner" && owners <= 1) return w.settings.people.lastOwner;
  const role = roles.find((r) => r.id === m.role);
  const lacks = role?.permissions.filter((p) => !own.includes(p)) ?? [];
  if (lacks.length > 0) return w.settings.people.moreThanYou(lacks.join(", "));
  return undefined;
}

/** Permissions in the order of the table: the strong ones (they let something out, or destroy it) apart. */
export const strong = ["pii:read", "campaigns:send", "messages:send", "messages:approve", "leads:export", "leads:erase"];

export function permissionRows(roles: readonly Role[], own: readonly string[]): { strong: string[]; others: string[] } {
  const all = new Set([...own, ...roles.flatMap((r) => r.permissions)]);
  return { strong: strong.filter((p) => all.has(p)), others: [...all].filter((p) => !strong.includes(p)).sort() };
}
