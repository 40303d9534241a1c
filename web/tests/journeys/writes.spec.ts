import { expect, settled, test } from "../harness/test";

// What the network and other people do to a write: nothing typed is lost, nothing is done twice.

const problem = (status: number, code: string, title: string, more: object = {}, headers: Record<string, string> = {}) => ({
  status,
  headers,
  contentType: "application/problem+json",
  body: JSON.stringify({ type: "about:blank", title, status, code, request_id: "r-1", ...more }),
});

test("a write whose answer is lost is asked for again with the same key, and is done once @retry", async ({ page, open, org }) => {
  await open("/leads");
  const keys: string[] = [];
  await page.route("**/v1/leads", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"] ?? "");
    if (keys.length > 1) return route.continue();
    await route.fetch(); // the server does it, and nobody hears of it
    return route.abort("connectionreset");
  });
  await page.getByRole("button", { name: "Add a person" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("once@example.com");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog).toBeHidden();
  expect(keys.length).toBe(2);
  expect(keys[0]).toBe(keys[1]);
  expect((await org.owner.api("GET", "/v1/leads?include=total")).body.total).toBe(1);
  const created = (await org.owner.api("GET", "/v1/audit/events?type=lead.created&limit=50")).body.data as unknown[];
  expect(created.length).toBeLessThanOrEqual(1);
});

test("what is refused says why where one looks, and what was typed stays @draft", async ({ page, open, org }) => {
  await open("/settings/organization");
  const address = page.getByLabel("Postal address");
  await address.fill("Acme, 3 New Street, 10115 Berlin");
  await page.route("**/v1/organizations/*", (route) => (route.request().method() === "PATCH" ? route.fulfill(problem(402, "quota_exceeded", "The plan's limit is reached", { detail: "5 of 5 are used." })) : route.continue()));
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The plan's limit is reached").first()).toBeVisible();
  await expect(address).toHaveValue("Acme, 3 New Street, 10115 Berlin");
  await page.unroute("**/v1/organizations/*");
  await page.reload();
  await settled(page);
  await expect(page.getByLabel("Postal address")).toHaveValue("Acme, 3 New Street, 10115 Berlin");
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(async () => (await org.owner.api("GET", "/v1/organizations/" + org.id)).body.postal_address).toBe("Acme, 3 New Street, 10115 Berlin");
});

test("asked to wait, a page waits as long as it was told", async ({ page, open }) => {
  let asked = 0;
  await page.route("**/v1/campaigns?*", (route) => (asked++ === 0 ? route.fulfill(problem(429, "rate_limited", "Too many requests", {}, { "Retry-After": "1" })) : route.continue()));
  await open("/campaigns");
  await expect(page.getByText("Your campaigns will stand here", { exact: false })).toBeVisible();
  expect(asked).toBeGreaterThanOrEqual(2);
});

test("after an upgrade a missing part loads the page again, once, and what was typed is there @draft", async ({ page, open }) => {
  await open("/settings/organization");
  await page.getByLabel("Postal address").fill("Typed before the upgrade");
  let gone = 0;
  await page.route(/\/assets\/.*\.js/, (route) => (gone++ === 0 ? route.fulfill({ status: 404, body: "" }) : route.continue()));
  await page.evaluate(() => sessionStorage.removeItem("outrider.reloaded"));
  await page.getByRole("navigation", { name: "Places" }).first().getByRole("link", { name: "Analytics" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Analytics" })).toBeVisible();
  expect(gone).toBeGreaterThan(0);
  await open("/settings/organization");
  await expect(page.getByLabel("Postal address")).toHaveValue("Typed before the upgrade");
});
