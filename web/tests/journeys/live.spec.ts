import { expect, isLive, openPage, settled, test } from "../harness/test";

test("what happens elsewhere reaches the page by itself, and steps check themselves @short", async ({ page, open, org }) => {
  await open();
  await isLive(page);
  const steps = page.getByRole("region", { name: "Begin here" });
  await expect(steps.getByRole("listitem").filter({ hasText: "Postal address" })).toContainText("(done)");
  const people = steps.getByRole("listitem").filter({ hasText: "People" });
  await expect(people).not.toContainText("(done)");
  expect((await org.owner.api("POST", "/v1/leads", { email: "ada@example.com", first_name: "Ada" })).status).toBe(201);
  await expect(people).toContainText("(done)");
  await expect(page.getByRole("region", { name: "As it happens" })).toContainText("1 person added");
});

test("tabs share one stream, and the next takes it over when its tab is closed @election", async ({ page, open, context, org, where }) => {
  let streams = 0;
  context.on("request", (r) => void (new URL(r.url()).pathname === "/v1/events" && streams++));
  await open();
  await isLive(page);
  const other = await context.newPage();
  await openPage(other, `${where.url}/o/${org.slug}`);
  await isLive(other);
  await org.owner.api("POST", "/v1/leads", { email: "ada@example.com" });
  await expect(other.getByRole("region", { name: "As it happens" })).toContainText("1 person added");
  expect(streams).toBe(1);
  await page.close();
  await expect.poll(() => streams).toBe(2);
  await settled(other);
  await org.owner.api("POST", "/v1/leads", { email: "bob@example.com" });
  await expect(other.getByRole("region", { name: "As it happens" })).toContainText("2 people added");
  await context.newPage(); // what the fixture closes
});
