import AxeBuilder from "@axe-core/playwright";
import { expect, openPage, settled, test } from "../harness/test";
import { ask, test as demo } from "../harness/demo";
import { detailPages, inside, operator, outside } from "../harness/pages";
import type { Page } from "@playwright/test";

// Every page, light and dark, at 1440 and at 320 px: no findings of axe, and the page itself never scrolls sideways.
const widths = [1440, 320];

// Colours are all that a dark page differs in: it isn't loaded anew, nor asked again what doesn't depend on them.
const ofColour = ["color-contrast", "link-in-text-block"];

async function check(page: Page, scheme: "light" | "dark") {
  const axe = new AxeBuilder({ page });
  const found = await (scheme === "dark" ? axe.withRules(ofColour) : axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])).analyze();
  return found.violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => "  " + n.target.join(" ") + "  " + (n.any[0]?.message ?? "")).join("\n")}`);
}

async function expectAsItStands(page: Page, what: string) {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", scheme);
    expect.soft(await check(page, scheme), `${what}, ${scheme}`).toEqual([]);
  }
  expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${what} scrolls sideways`).toBeLessThanOrEqual(0);
  expect.soft(await page.getByRole("heading", { level: 1 }).count(), `${what} has one h1`).toBe(1);
  expect.soft(await page.title(), `${what}: its title`).toMatch(/Outrider$/);
}

async function expectAccessible(page: Page, url: string) {
  for (const width of widths) {
    await test.step(`${width} px`, async () => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      await openPage(page, url);
      await expectAsItStands(page, `${url}, ${width} px`);
    });
  }
}

for (const [name, path] of inside)
  test(`${name} of an empty organisation can be used by everybody`, async ({ page, org, where }) => {
    await expectAccessible(page, `${where.url}/o/${org.slug}${path}`);
  });

// What an organisation with people, answers and figures looks like; the pages of one thing have no empty form.
demo("pages that are filled can be used by everybody", async ({ demo: played, demoPage: page }) => {
  demo.setTimeout(1_800_000);
  const { root } = played;
  await expect.poll(async () => (await ask<{ needs_answer: number }>(page, "/v1/inbox/counts")).needs_answer, { timeout: 800_000, intervals: [2000] }).toBeGreaterThan(3);
  for (const [name, path] of [...inside, ...(await detailPages(page))])
    await demo.step(name, () => expectAccessible(page, root + path));
});

for (const [name, path] of outside)
  test(`${name} can be used by everybody`, async ({ browser, where }) => {
    const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC" });
    await expectAccessible(await context.newPage(), where.url + path);
    await context.close();
  });

// The key is gone with the page, so that it isn't loaded anew for each view.
test("what an operator sees can be used by everybody", async ({ page, where }) => {
  await openPage(page, where.url + "/operator");
  await page.getByLabel("Platform key").fill(where.platformKey);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  for (const [name, tab] of operator) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      await settled(page);
      await expectAsItStands(page, `operator, ${name}, ${width} px`);
    }
  }
});
