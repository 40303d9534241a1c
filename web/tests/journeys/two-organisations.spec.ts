import { makeOrganization } from "../harness/people";
import { expect, isLive, openPage, settled, test } from "../harness/test";

test("two organisations in two tabs never mix", async ({ page, open, org, where, context }) => {
  const other = await makeOrganization(where, { name: "Other Works", postal_address: "Other Works, 2 Side Street, 10115 Berlin, Germany" });
  await other.admit(org.owner);
  await open();
  const second = await context.newPage();
  await openPage(second, `${where.url}/o/${other.slug}`);
  await isLive(page);
  await isLive(second);
  await expect(second).toHaveTitle(/Other Works/);
  expect((await other.owner.api("POST", "/v1/leads", { email: "theirs@example.com" })).status).toBe(201);
  await expect(second.getByRole("region", { name: "As it happens" })).toContainText("1 person added");
  await settled(page);
  await expect(page.getByRole("region", { name: "As it happens" })).not.toContainText("person added");
  await expect(page).toHaveTitle(new RegExp(org.name));
  // each hears of its own
  expect((await org.owner.api("POST", "/v1/leads", { email: "ours@example.com" })).status).toBe(201);
  expect((await org.owner.api("POST", "/v1/leads", { email: "ours-too@example.com" })).status).toBe(201);
  await expect(page.getByRole("region", { name: "As it happens" })).toContainText("2 people added");
  await settled(second);
  await expect(second.getByRole("region", { name: "As it happens" })).toContainText("1 person added");
  // and from one to the other by the menu: nothing of the first is shown
  await page.getByRole("button", { name: "You", exact: true }).click();
  await page.getByRole("menuitem", { name: "Other Works" }).click();
  await expect(page).toHaveTitle(/Other Works/);
  await expect(page.getByRole("region", { name: "As it happens" })).toContainText("1 person added");
});
