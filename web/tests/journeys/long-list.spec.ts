import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, openPage, settled, test } from "../harness/test";

// LEADS=200000 for as many as the budgets speak of.
const many = Number(process.env.LEADS) || 20_000;

test("a long list scrolls without blank rows, and all that match are tagged at once", async ({ page, org, where }) => {
  test.setTimeout(900_000);
  const { api } = org.owner;
  const rows = Array.from({ length: many }, (_, i) => `p${i}@example.com,P${i},Company ${i % 997},${i % 2 ? "Germany" : "France"}`);
  const file = join(mkdtempSync(join(tmpdir(), "outrider-leads-")), "leads.csv");
  writeFileSync(file, "email,first_name,company_name,country\n" + rows.join("\n") + "\n");
  await page.goto(`${where.url}/o/${org.slug}/imports/new`);
  await page.getByLabel("Choose a file").first().setInputFiles(file);
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.getByRole("button", { name: /^Import [\d,]+ people$/ }).click({ timeout: 300_000 });
  await expect(page.getByRole("button", { name: /^Show [\d,]+ people$/ })).toBeVisible({ timeout: 600_000 });

  await openPage(page, `${where.url}/o/${org.slug}/leads`);
  const grid = page.getByRole("grid", { name: "Leads" });
  await expect(grid).toHaveAttribute("aria-rowcount", String(many + 1));
  // Down by whole screens, as fast as the list takes it: what is on screen is never an empty row.
  const blanks = await grid.evaluate(async (el) => {
    const box = el.scrollHeight > el.clientHeight ? el : (el.querySelector("[style*=overflow],.overflow-auto") ?? el);
    let blank = 0;
    for (let n = 0; n < 40; n++) {
      box.scrollTop += box.clientHeight;
      await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
      const shown = [...el.querySelectorAll('[role="row"][aria-rowindex]')].filter((r) => !r.querySelector('[role="columnheader"]'));
      if (shown.length === 0) blank++;
    }
    return blank;
  });
  expect(blanks, "screens without rows").toBe(0);

  await openPage(page, `${where.url}/o/${org.slug}/leads?country=Germany`);
  await expect(grid).toHaveAttribute("aria-rowcount", String(many / 2 + 1));
  await grid.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: new RegExp(`Select all ${(many / 2).toLocaleString("en-GB")}`) }).click();
  await page.getByRole("button", { name: "Add tags" }).click();
  const tagging = page.getByRole("dialog", { name: "Add tags" });
  await tagging.getByLabel("Tags").fill("half");
  await tagging.getByRole("button", { name: /^Add to / }).click();
  await expect(page.getByText(/^Done with /)).toBeVisible({ timeout: 600_000 });
  await settled(page);
  expect((await api("GET", "/v1/leads?tag=half&include=total")).body.total).toBe(many / 2);
});
