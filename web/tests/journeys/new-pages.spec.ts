import { expect, openPage, settled, test } from "../harness/test";

// One thing on each page that has no longer journey, read back by the API.

test("a snippet is saved, found in the list, and taken away with a way back", async ({ page, open, org }) => {
  await open("/settings/snippets");
  await page.getByRole("button", { name: "Add a snippet" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Prices");
  await dialog.getByLabel("Text").fill("Hi {{ first_name }}, our prices are attached.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Prices" })).toBeVisible();
  const list = async () => (await org.owner.api<{ data: { name: string }[] }>("GET", "/v1/snippets")).body.data.map((s) => s.name);
  await expect.poll(list).toEqual(["Prices"]);
  await page.getByRole("button", { name: "Actions for Prices" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await expect.poll(list).toEqual([]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(list).toEqual(["Prices"]);
});

test("a sentence is approved with its source, and retired", async ({ page, open, org }) => {
  await open("/settings/claims");
  await page.getByRole("button", { name: "Approve a sentence" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Sentence").fill("We serve 800 bakeries in Europe.");
  await dialog.getByLabel("Source").fill("https://example.com/about");
  await dialog.getByRole("button", { name: "Approve it" }).click();
  await expect(page.getByText("We serve 800 bakeries in Europe.").first()).toBeVisible();
  const claims = async () => (await org.owner.api<{ data: { text: string; source: string }[] }>("GET", "/v1/claims")).body.data;
  await expect.poll(async () => (await claims()).map((c) => c.source)).toEqual(["https://example.com/about"]);
});

test("a webhook is added, and its secret is shown once", async ({ page, open, org }) => {
  await open("/settings/webhooks");
  await page.getByRole("button", { name: "New webhook" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("URL").fill("https://hooks.example.com/outrider");
  await dialog.getByRole("button", { name: "Add the webhook" }).click();
  const secret = page.getByRole("dialog").getByRole("textbox");
  await expect(secret).toHaveValue(/^whsec_/);
  const shown = await secret.inputValue();
  const kept = JSON.stringify((await org.owner.api("GET", "/v1/webhooks")).body);
  expect(kept).toContain("https://hooks.example.com/outrider");
  expect(kept).not.toContain(shown);
});

test("a report is saved and run, and its file is there", async ({ page, open, org }) => {
  await open("/analytics/reports");
  await page.getByRole("button", { name: "New report" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Replies of last week");
  await dialog.getByRole("button", { name: "Save the report" }).click();
  await expect(dialog).toBeHidden();
  const report = (await org.owner.api<{ data: { id: string; name: string }[] }>("GET", "/v1/reports")).body.data[0]!;
  await page.getByRole("button", { name: "Run Replies of last week now" }).click();
  await expect.poll(async () => (await org.owner.api<{ data: { status: string }[] }>("GET", `/v1/reports/${report.id}/runs`)).body.data[0]?.status, { timeout: 300_000 }).toBe("completed");
});

test("an experiment is made from a campaign with two variants", async ({ page, open, org }) => {
  const made = await org.owner.api("POST", "/v1/campaigns", { name: "Spring", steps: [{ variants: [{ name: "A", subject: "One", body: "Hi" }, { name: "B", subject: "Two", body: "Hi" }] }] });
  expect(made.status).toBe(201);
  await open("/analytics/experiments/new");
  await page.getByLabel("Name").fill("Which subject");
  await page.getByRole("button", { name: /Make|Draft|experiment/i }).last().click();
  await expect(page).toHaveURL(/\/analytics\/experiments\/[0-9a-f-]{36}/);
  await settled(page);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Which subject");

  await open(`/campaigns/${made.body.id as string}/overview`);
  await page.getByRole("tab", { name: "Experiment", exact: true }).click();
  await expect(page).toHaveURL(/\/experiment$/);
  await expect(page.getByRole("link", { name: "Which subject" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Start the experiment" })).toBeVisible();
});

test("a period is taken from a chart by keys, by the pointer, and typed", async ({ page, open }) => {
  await open("/analytics?period=w");
  const chart = page.getByRole("slider", { name: /by day of sending/ });
  await chart.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(chart).toHaveAttribute("aria-valuetext", /3 points/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/from=\d{4}-\d{2}-\d{2}/);
  await expect(chart).toHaveAttribute("aria-valuemax", "2");

  await page.getByRole("button", { name: "7 d", exact: true }).click();
  await expect(chart).toHaveAttribute("aria-valuemax", "6");
  const box = (await chart.boundingBox())!;
  const at = (day: number) => ({ x: box.x + 44 + ((box.width - 56) * (day + 0.5)) / 7, y: box.y + box.height / 2 });
  await page.mouse.move(at(2).x, at(2).y);
  await page.mouse.down();
  await page.mouse.move(at(5).x, at(5).y, { steps: 4 });
  await page.mouse.up();
  await expect(chart).toHaveAttribute("aria-valuemax", "3");

  await page.getByRole("button", { name: /\d+ \w+ to \d+ \w+/ }).click();
  const first = page.getByLabel("First day");
  const day = await page.getByLabel("Last day").inputValue();
  await first.fill(day);
  await page.getByRole("button", { name: "Show these days" }).click();
  await expect(page).toHaveURL(new RegExp(`from=${day}`));
  await expect(chart).toHaveAttribute("aria-valuemax", "0");
});

test("where no model is set up the page says so, and there is nothing to stop", async ({ page, open, org }) => {
  expect(((await org.owner.api("GET", "/v1/ai/settings")).body.tasks as { model?: string }[]).every((t) => !t.model)).toBe(true);
  await open("/settings/ai");
  await expect(page.getByText("No model is set up.", { exact: false }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: /Stop all models/ })).toHaveCount(0);
});

test("billing and integrations say what there is to do where nothing is connected", async ({ page, open }) => {
  await open("/settings/billing");
  await expect(page.getByRole("main")).not.toContainText("undefined");
  await open("/settings/integrations");
  await expect(page.getByRole("main").getByText("HubSpot").first()).toBeVisible();
  await open("/companies");
  await expect(page.getByRole("heading", { level: 1, name: "Companies" })).toBeVisible();
  await open("/settings/scores");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("what is kept of oneself is taken out as a file, and forgetting asks for one's address", async ({ page, open, org }) => {
  await open("/settings/profile");
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Take out what is kept of me" }).click();
  const path = await (await file).path();
  const { readFileSync } = await import("node:fs");
  expect(readFileSync(path, "utf8")).toContain(org.owner.email);
  await page.getByRole("button", { name: "Be forgotten…" }).click();
  const forget = page.getByRole("dialog").getByRole("button", { name: /^Forget / });
  await expect(forget).toHaveAttribute("aria-disabled", "true");
});

test("an operator sees engines, versions and lag, and reads as somebody with a reason that their history has", async ({ page, where, org }) => {
  await openPage(page, where.url + "/operator?tab=engines");
  await page.getByLabel("Platform key").fill(where.platformKey);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  for (const engine of ["Kafka", "Postgres", "ClickHouse"]) await expect(page.getByRole("row", { name: new RegExp(`^${engine} Answers .*\\d`) }).first()).toBeVisible();
  await expect(page.getByText("None stands still.")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "in step" }).first()).toBeVisible();

  await page.getByRole("tab", { name: "People", exact: true }).click();
  await page.getByLabel("Address or name").fill(org.owner.email);
  await expect(page.getByText(org.owner.email).first()).toBeVisible();
  await page.getByRole("button", { name: new RegExp(`^Read as .* in ${org.name}$`) }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("Ticket 4711: the list stays empty");
  await dialog.getByRole("button", { name: "Read for 15 minutes" }).click();
  await expect(dialog.getByText("Access token")).toBeVisible();
  await expect.poll(async () => JSON.stringify((await org.owner.api("GET", "/v1/audit/events?types=member.impersonated&limit=5")).body)).toContain("Ticket 4711");
});
