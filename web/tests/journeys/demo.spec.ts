import { ask, test } from "../harness/demo";
import { expect, settled } from "../harness/test";

test.describe.configure({ timeout: 900_000 });

type Plan = { date: string; capacity: number; planned: number; sent: number; left: number; removed: { rule: string; count: number; text: string }[]; as_of: string };

test("the plan adds up at every instant that is looked at, on the page as by the API", async ({ demoPage: page }) => {
  for (let n = 0; n < 50; n++) {
    const p = await ask<Plan>(page, "/v1/send-plan");
    expect(p.capacity - p.removed.reduce((sum, r) => sum + r.count, 0), `as of ${p.as_of}`).toBe(p.planned);
    expect(p.planned - p.sent, `as of ${p.as_of}`).toBe(p.left);
    expect(p.removed.every((r) => r.text && r.count > 0), `as of ${p.as_of}`).toBe(true);
  }
  await settled(page);
  const rows = await page.getByRole("region", { name: /^Goes out/ }).getByRole("row").evaluateAll((all) => all.map((r) => Number((r.lastElementChild?.textContent ?? "").replace(/[^\d\u2212-]/g, "").replace("\u2212", "-"))));
  expect(rows.slice(0, -1).reduce((a, b) => a + b, 0)).toBe(rows.at(-1));
});

test("everybody who waits has a rule, and a time or somebody who must act", async ({ demoPage: page }) => {
  const campaigns = await ask<{ data: { id: string; enrolled: number }[] }>(page, "/v1/campaigns?limit=1&status=active");
  const id = campaigns.data[0]!.id;
  const people = await ask<{ data: { id: string; state: string; rule?: string; next_at?: string }[]; total: number }>(page, `/v1/campaigns/${id}/enrollments?state=active&include=total,why&limit=200`);
  expect(people.data.length).toBeGreaterThan(50);
  const without = people.data.filter((p) => !p.rule && !p.next_at);
  expect(without).toEqual([]);
  await page.goto(page.url().replace(/(\/o\/[^/?]+).*/, `$1/campaigns/${id}/people?state=active`));
  await settled(page);
  await page.getByRole("grid", { name: "People" }).focus();
  await page.keyboard.press("Enter");
  const why = page.getByRole("complementary");
  await expect(why.getByRole("heading").first()).toBeVisible();
});

test("what a page shows of an instant is what was recorded then", async ({ demo, demoPage: page }) => {
  type Event = { oseq: number; time: string; subject: string; type: string };
  const paused = (await ask<{ data: Event[] }>(page, "/v1/audit/events?types=enrollment.stopped&limit=20")).data;
  expect(paused.length).toBeGreaterThan(0);
  for (const e of paused.slice(0, 5)) {
    const before = new Date(Date.parse(e.time) - 1).toISOString();
    const change = await ask<{ changes: { field: string; before?: string; after?: string }[] }>(page, `/v1/changes?kind=enrollment&subject=${e.subject}&from=${before}&to=${e.time}`); // itself: simulated time may still stand there
    const state = change.changes.find((c) => c.field === "state");
    expect(state?.after, `event ${e.oseq}`).toBe('"stopped"');
    expect(state?.before, `event ${e.oseq}`).not.toBe('"stopped"');
  }
  const campaign = (await ask<{ data: { id: string; name: string }[] }>(page, "/v1/campaigns?limit=1")).data[0]!;
  const launched = (await ask<{ data: Event[] }>(page, "/v1/audit/events?types=campaign.launched&limit=1")).data[0]!;
  await page.goto(`${demo.root}/campaigns/${campaign.id}/overview?at=${new Date(Date.parse(launched.time) - 1).toISOString()}`);
  await settled(page);
  await expect(page.getByText("Draft", { exact: true }).first()).toBeVisible();
  await page.goto(`${demo.root}/campaigns/${campaign.id}/overview?at=${new Date(Date.parse(launched.time) + 1).toISOString()}`);
  await settled(page);
  await expect(page.getByText("Active", { exact: true }).first()).toBeVisible();
});

test("first run: in by the link, first answer opened, and at the end every promise stands with 0 @promises", async ({ demo, demoPage: page }) => {
  expect(demo.linkAfter).toBeGreaterThan(0);
  await expect(page.getByRole("region", { name: "Simulated time" })).toBeVisible();
  const speed = page.getByLabel("Speed");
  if (await speed.isVisible()) await speed.selectOption("0");
  const clock = () => ask<{ findings?: { kind: string; count: number; of: number }[]; milestones: { kind: string }[] }>(page, "/v1/clock");
  await expect.poll(async () => (await clock()).milestones.some((m) => m.kind === "first_answer"), { timeout: 600_000, intervals: [1000] }).toBe(true);
  await page.getByRole("link", { name: /First answer/ }).click();
  await expect(page.getByRole("region", { name: "Conversation", exact: true })).toBeVisible();
  await expect.poll(async () => (await clock()).findings?.length ?? 0, { timeout: 850_000, intervals: [5000] }).toBeGreaterThan(5);
  const findings = (await clock()).findings!;
  expect(findings.filter((f) => f.count !== 0)).toEqual([]);
  await page.goto(demo.root);
  await page.getByRole("button", { name: `All ${findings.length} promises kept` }).click();
  await expect(page.getByRole("dialog").getByRole("listitem")).toHaveCount(findings.length);
});
