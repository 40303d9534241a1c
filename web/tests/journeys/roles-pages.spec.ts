import { expect, openPage, test } from "../harness/test";

// What a role doesn't see it can't reach either: the entry is hidden, a direct link says which permission is missing, and the server refuses
// what the page would have asked.
const pages: { path: string; link: string; permission: string; asks: [method: string, path: string, body?: unknown] }[] = [
  { path: "/analytics", link: "Analytics", permission: "analytics:read", asks: ["GET", "/v1/campaigns/01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e5f/analytics"] },
  { path: "/history", link: "History", permission: "audit:read", asks: ["GET", "/v1/audit/events"] },
  { path: "/settings/organization", link: "General", permission: "organization:read", asks: ["GET", "/v1/usage"] },
  { path: "/settings/people", link: "People", permission: "members:read", asks: ["GET", "/v1/members"] },
  { path: "/settings/roles", link: "Roles", permission: "members:read", asks: ["GET", "/v1/roles"] },
  { path: "/settings/usage", link: "Plan and usage", permission: "organization:read", asks: ["GET", "/v1/usage"] },
  { path: "/settings/suppressions", link: "Suppressions", permission: "leads:read", asks: ["GET", "/v1/suppressions"] },
  { path: "/settings/privacy", link: "Privacy", permission: "leads:export", asks: ["GET", "/v1/exports"] },
  { path: "/settings/keys", link: "API keys", permission: "keys:manage", asks: ["GET", "/v1/api-keys"] },
];

const actions: { path: string; button: string; permission: string; asks: [method: string, path: string, body?: unknown] }[] = [
  { path: "/settings/people", button: "Invite", permission: "members:manage", asks: ["POST", "/v1/invitations", { email: "new@example.com", role: "member" }] },
  { path: "/settings/roles", button: "New role", permission: "roles:manage", asks: ["POST", "/v1/roles", { name: "Looker", permissions: ["leads:read"] }] },
  { path: "/settings/suppressions", button: "Suppress", permission: "suppressions:write", asks: ["POST", "/v1/suppressions", { items: [{ value: "nobody@example.com" }] }] },
  { path: "/settings/organization", button: "Delete the organisation…", permission: "organization:delete", asks: ["DELETE", "/v1/organizations/ORG"] },
];

for (const role of ["owner", "admin", "member", "looker"] as const)
  test(`what is hidden from ${role} is refused to them, and what is shown is not`, async ({ org, as, where }) => {
    test.setTimeout(300_000);
    let given: string = role;
    if (role === "looker") {
      const made = await org.owner.api<{ id: string }>("POST", "/v1/roles", { name: "Looker", permissions: ["leads:read", "campaigns:read"] });
      expect(made.status).toBe(201);
      given = made.body.id;
    }
    const person = role === "owner" ? org.owner : await org.invite(given);
    const page = await as(person);
    const me = await person.api<{ permissions: string[] }>("GET", "/v1/me");
    for (const p of pages) {
      const may = me.body.permissions.includes(p.permission);
      await openPage(page, `${where.url}/o/${org.slug}${p.path}`);
      await expect(page.getByText("You may not see this.")).toHaveCount(may ? 0 : 1);
      if (!may) await expect(page.getByText(p.permission)).toBeVisible();
      await expect(page.getByRole("navigation").getByRole("link", { name: p.link, exact: true }), `${p.link} in the navigation`).toHaveCount(may ? 1 : 0);
      const [method, path, body] = p.asks;
      const answered = await person.api(method, path, body);
      if (may) expect(answered.status, path).not.toBe(403);
      else expect(answered.status, path).toBe(403);
    }
    for (const a of actions) {
      const may = me.body.permissions.includes(a.permission);
      await openPage(page, `${where.url}/o/${org.slug}${a.path}`);
      await expect(page.getByRole("button", { name: a.button, exact: true }), `${a.button} on ${a.path}`).toHaveCount(may ? 1 : 0);
      const [method, path, body] = a.asks;
      if (!may) expect((await person.api(method, path.replace("ORG", org.id), body)).status, path).toBe(403);
    }
  });

test("the last owner can't go, by no way", async ({ org, page, open }) => {
  await open("/settings/people");
  await expect(page.getByText("The last owner can't go", { exact: false }).first()).toBeVisible();
  await expect(page.getByRole("combobox", { name: /Role of/ })).toHaveCount(0);
  const members = await org.owner.api<{ data: { id: string }[] }>("GET", "/v1/members");
  const me = members.body.data[0]!.id;
  expect((await org.owner.api("PATCH", "/v1/members/" + me, { role: "member" })).status).toBe(409);
  expect((await org.owner.api("DELETE", "/v1/members/" + me)).status).toBe(409);
});
