import { expect, isLive, settled, test } from "../harness/test";

test("the network goes away and comes back: the page says so, and ends equal to what there is @short", async ({ page, open, context, org }) => {
  await open();
  await isLive(page);
  for (let n = 1; n <= 3; n++) {
    await context.setOffline(true);
    await expect(page.getByText(/^Reconnecting since/).first()).toBeVisible();
    expect((await org.owner.api("POST", "/v1/leads", { email: `lead${n}@example.com` })).status).toBe(201);
    await context.setOffline(false);
    await expect(page.getByRole("region", { name: "As it happens" })).toContainText(n === 1 ? "1 person added" : `${n} people added`);
    await isLive(page);
  }
});

test("a part that isn't loaded yet when the network goes comes when it is back, and the page that stands stays @short", async ({ page, open, context, org }) => {
  let early = 0;
  await page.route("**/assets/overlay-parts-*", (route) => (early++ ? route.continue() : route.abort()));
  await open();
  await page.evaluate(() => void (document.body.dataset.same = "yes"));
  await expect.poll(() => early).toBe(1); // what is loaded before it is wanted may fail
  await isLive(page);
  await context.setOffline(true);
  await expect(page.getByText(/^Reconnecting since/).first()).toBeVisible();
  await page.getByRole("navigation").getByRole("link", { name: "Meetings", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/o/${org.slug}/meetings`));
  await context.setOffline(false);
  await expect(page.getByRole("main").getByRole("heading", { name: "Meetings" })).toBeVisible();
  expect(await page.evaluate(() => document.body.dataset.same)).toBe("yes");
});

test("a part that fails though there is a network has its page loaded anew", async ({ page, open }) => {
  await open();
  let asked = 0;
  await page.route("**/assets/list-*", (route) => (asked++ ? route.continue() : route.abort()));
  await page.getByRole("navigation").getByRole("link", { name: "Meetings", exact: true }).click();
  await expect(page.getByRole("main").getByRole("heading", { name: "Meetings" })).toBeVisible();
  expect(asked).toBeGreaterThan(1);
});

test("an answer that is late is asked for again, and what fails for good says so beside what works", async ({ page, open }) => {
  let failed = 0;
  await page.route("**/v1/today", (route) => (failed++ < 2 ? route.fulfill({ status: 503, headers: { "Retry-After": "1" }, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "Not now", status: 503, code: "unavailable", request_id: "r-1" }) }) : route.continue()));
  await open();
  await expect(page.getByText("Nothing waits for you.")).toBeVisible();
  expect(failed).toBeGreaterThanOrEqual(3);
  await page.unroute("**/v1/today");
  await page.route("**/v1/today", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "It broke", status: 500, code: "internal", request_id: "r-2" }) }));
  await page.reload();
  const note = page.getByRole("alert").filter({ hasText: "It broke" });
  await expect(note).toContainText("r-2");
  await expect(page.getByRole("region", { name: "As it happens" })).toBeVisible();
  await page.unroute("**/v1/today");
  await note.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Nothing waits for you.")).toBeVisible();
  await settled(page);
});
