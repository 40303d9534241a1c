import { expect, goByKeys, openPage, settled, test } from "../harness/test";

// What the dashboard hides from a role, the server refuses; what it shows, it answers.
const places: [name: string, permission: string, asks: string][] = [
  ["Inbox", "messages:read", "/v1/inbox"],
  ["Leads", "leads:read", "/v1/leads"],
  ["Campaigns", "campaigns:read", "/v1/campaigns"],
  ["Mailboxes", "mailboxes:read", "/v1/mailboxes"],
  ["History", "audit:read", "/v1/audit/events"],
];

for (const role of ["admin", "member"])
  test(`${role}: what is hidden is also refused @roles`, async ({ org, as, where }) => {
    const person = await org.invite(role);
    const page = await as(person);
    await openPage(page, `${where.url}/o/${org.slug}`);
    const permissions: string[] = (await person.api("GET", "/v1/me")).body.permissions;
    const rail = page.getByRole("navigation", { name: "Places" }).first();
    for (const [name, permission, asks] of places) {
      const may = permissions.includes(permission);
      await expect(rail.getByRole("link", { name }), `${name} in the rail`).toHaveCount(may ? 1 : 0);
      expect((await person.api("GET", asks)).status, `${asks} as ${role}`).toBe(may ? 200 : 403);
    }
    await expect(page.getByRole("region", { name: "As it happens" })).toHaveCount(permissions.includes("audit:read") ? 1 : 0);
    if (permissions.includes("audit:read")) await goByKeys(page, "g", "h", /history/);
    else {
      await page.keyboard.press("g");
      await page.keyboard.press("h");
      await expect(page).not.toHaveURL(/history/);
    }
    await settled(page);
  });
