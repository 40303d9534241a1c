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

test("a cell that the stream changes is tinted, and nothing is that only comes or moves", async ({ page, open, org }) => {
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.addInitScript(() => {
    const tinted: string[] = [];
    Object.assign(window, { tinted });
    document.addEventListener("animationstart", (e) => {
      if (e.animationName !== "changed") return;
      const s = getComputedStyle(e.target as Element);
      tinted.push(`${(e.target as Element).textContent} ${s.animationDuration}`);
    });
  });
  const tinted = () => page.evaluate(() => (window as unknown as { tinted: string[] }).tinted);
  const made = [];
  for (const [email, name] of [["ann@example.com", "Ann"], ["bob@example.com", "Bob"]]) made.push(await org.owner.api("POST", "/v1/leads", { email, first_name: name, company_name: "Works of " + name }));
  await open("/leads");
  await isLive(page);
  const grid = page.getByRole("grid");
  await expect(grid.getByText("Works of Bob")).toBeVisible();
  await page.getByRole("button", { name: "Company", exact: true }).click(); // another order
  await expect(page).toHaveURL(/sort=/);
  await settled(page);
  const third = await org.owner.api("POST", "/v1/leads", { email: "cy@example.com", first_name: "Cy", company_name: "Works of Cy" }); // moves others
  expect(third.status).toBe(201);
  const held = page.getByRole("button", { name: "1 new", exact: true }); // where it belongs above a row that stands
  await expect(grid.getByText("Works of Cy").or(held).first()).toBeVisible();
  if (await held.isVisible()) await held.click();
  await expect(grid.getByText("Works of Cy")).toBeVisible();
  expect(await tinted()).toEqual([]);

  const now = await org.owner.api("GET", "/v1/leads/" + made[0]!.body.id);
  expect((await org.owner.api("PATCH", "/v1/leads/" + now.body.id, { company_name: "Example Mills" })).status).toBeLessThan(300);
  await expect(grid.getByText("Example Mills")).toBeVisible();
  await expect.poll(async () => (await tinted()).filter((x) => x.startsWith("Example Mills"))).toEqual(["Example Mills 0.6s"]);
  expect((await tinted()).filter((x) => /Bob|Cy/.test(x))).toEqual([]);
});
