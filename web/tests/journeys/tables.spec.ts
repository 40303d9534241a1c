import type { Page } from "@playwright/test";
import { expect, openPage, test } from "../harness/test";

const widthOf = (page: Page, column: string) => page.locator(`[role=columnheader][data-column=${column}]`).evaluate((e) => Math.round(e.getBoundingClientRect().width));

test("columns are drawn and chosen, by the pointer and by keys, and go with the person to another browser @columns", async ({ page, open, org, as, where }) => {
  expect((await org.owner.api("POST", "/v1/leads", { email: "ann@example.com", first_name: "Ann", company_name: "Example Works" })).status).toBe(201);
  await open("/leads");
  const before = { name: await widthOf(page, "name"), company: await widthOf(page, "company_name") };
  const edge = (await page.locator("[data-edge=company_name]").boundingBox())!;
  const kept = page.waitForResponse((r) => r.url().endsWith("/v1/me/preferences") && r.request().method() === "PUT");
  await page.mouse.move(edge.x + edge.width / 2, edge.y + 10);
  await page.mouse.down();
  await page.mouse.move(edge.x + edge.width / 2 + 80, edge.y + 10, { steps: 4 });
  await page.mouse.up();
  expect(await widthOf(page, "company_name")).toBe(before.company + 80);
  expect(await widthOf(page, "name"), "what stands left of it stays").toBe(before.name);
  expect((await kept).status()).toBe(200);

  await page.getByRole("button", { name: "Columns" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Make Company narrower" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => widthOf(page, "company_name")).toBe(before.company + 56);
  await page.getByRole("checkbox", { name: "Job", exact: true }).uncheck();
  await expect(page.getByRole("columnheader", { name: "Job", exact: true })).toHaveCount(0);
  await expect.poll(async () => JSON.stringify((await org.owner.api("GET", "/v1/me/preferences")).body.values.tables)).toContain(`"company_name":${before.company + 56}`);

  const elsewhere = await as(org.owner);
  await openPage(elsewhere, `${where.url}/o/${org.slug}/leads`);
  await expect.poll(() => widthOf(elsewhere, "company_name")).toBe(before.company + 56);
  await expect(elsewhere.getByRole("columnheader", { name: "Job", exact: true })).toHaveCount(0);
  await elsewhere.getByRole("button", { name: "Columns" }).click();
  await elsewhere.getByRole("button", { name: "As they were at first" }).click();
  await expect.poll(() => widthOf(elsewhere, "company_name")).toBe(before.company);
});

test("the panel beside a list is as wide as it was drawn", async ({ page, open, org }) => {
  const lead = await org.owner.api("POST", "/v1/leads", { email: "ann@example.com", first_name: "Ann" });
  await open("/leads?peek=lead:" + lead.body.id);
  const panel = page.getByRole("complementary");
  const wide = async () => Math.round((await panel.boundingBox())!.width);
  const before = await wide();
  await page.getByRole("separator", { name: "Width of the panel" }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(wide).toBe(before + 24);
  await page.reload();
  await expect.poll(wide).toBe(before + 24);
});
