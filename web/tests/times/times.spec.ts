import { writeFileSync, mkdtempSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { makeOrganization } from "../harness/people";
import { expect, isLive, openPage, pageOf, settled, test } from "../harness/test";

// How long things take, beside the budgets of docs/dashboard.md: measured and printed, with the machine's load; they fail nothing.
const many = Number(process.env.LEADS) || 20_000;
const rows: string[] = [];
const middle = (all: number[], share: number) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))]!;

function note(what: string, ms: number, most: number) {
  rows.push(`${ms > most ? "over" : "ok  "} ${ms.toFixed(0).padStart(6)} ms of ${String(most).padStart(5)}  ${what}`);
}

test.afterAll(() => {
  console.log(rows.join("\n"));
  console.log(`on ${cpus().length} cores, load ${loadavg().map((l) => l.toFixed(1)).join(" ")}`);
});

async function timed(page: Page, act: () => Promise<void>, until: () => Promise<void>) {
  const began = performance.now();
  await act();
  await until();
  await settled(page);
  return performance.now() - began;
}

test("sign-in to Today, on a CPU four times slower", async ({ browser, where, org }) => {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  await page.goto(where.url + "/signin");
  await page.getByLabel("E-mail").fill(org.owner.email);
  await page.getByLabel("Password").fill(org.owner.password);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const ms = await timed(
    page,
    () => page.getByRole("button", { name: "Sign in" }).click(),
    () => expect(page.getByRole("heading", { level: 1, name: "Today" })).toBeVisible(),
  );
  note("sign-in to Today usable, CPU slowed 4x", ms, 1500);
  await page.close();
});

test("page changes, cold and warm", async ({ page, open }) => {
  await open();
  const rail = page.getByRole("navigation", { name: "Places" }).first();
  const places = ["Leads", "Campaigns", "Mailboxes", "Analytics", "History", "Settings", "Today"];
  const round = async () => {
    const all: number[] = [];
    for (const p of places)
      all.push(
        await timed(
          page,
          () => rail.getByRole("link", { name: p, exact: true }).click(),
          () => expect(page).toHaveTitle(/./),
        ),
      );
    return all;
  };
  note("page change cold, p95 of 7", middle(await round(), 0.95), 400);
  await round();
  note("page change warm, p95 of 7", middle(await round(), 0.95), 100);
});

test("an event to the pixel", async ({ page, open, org }) => {
  await open();
  await isLive(page);
  const all: number[] = [];
  for (let n = 1; n <= 20; n++) {
    const began = performance.now();
    const made = await org.owner.api("POST", "/v1/leads", { email: `p${n}@example.com` });
    expect(made.status).toBe(201);
    await expect(page.getByRole("region", { name: "As it happens" })).toContainText(n === 1 ? "1 person added" : `${n} people added`);
    all.push(performance.now() - began);
  }
  note("a write until its line stands, p95 of 20", middle(all, 0.95), 1000);
});

test(`filters and order over ${many.toLocaleString("en-GB")} people`, async ({ browser, where }) => {
  test.setTimeout(900_000);
  const org = await makeOrganization(where);
  const file = join(mkdtempSync(join(tmpdir(), "outrider-leads-")), "leads.csv");
  writeFileSync(file, "email,first_name,company_name,country\n" + Array.from({ length: many }, (_, i) => `p${i}@example.com,P${i},Company ${i % 997},${i % 2 ? "Germany" : "France"}`).join("\n") + "\n");
  const page = await pageOf(browser, org.owner);
  await page.goto(`${where.url}/o/${org.slug}/imports/new`);
  await page.getByLabel("Choose a file").first().setInputFiles(file);
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.getByRole("button", { name: /^Import [\d,]+ people$/ }).click({ timeout: 300_000 });
  await expect(page.getByRole("button", { name: /^Show [\d,]+ people$/ })).toBeVisible({ timeout: 600_000 });
  await openPage(page, `${where.url}/o/${org.slug}/leads`);
  const grid = page.getByRole("grid", { name: "Leads" });
  const all: number[] = [];
  for (let n = 0; n < 5; n++) {
    all.push(await timed(page, () => grid.getByRole("button", { name: /Company/ }).click(), async () => {}));
    all.push(await timed(page, () => page.getByPlaceholder("Search").first().fill("p1" + n).catch(() => {}), () => expect(page).toHaveURL(/q=/)));
  }
  note(`filter or order over ${many} until rows stand, p95 of ${all.length}`, middle(all, 0.95), 300);
  await page.context().close();
});
