import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { ask } from "../harness/demo";
import { detailPages, inside, operator, outside } from "../harness/pages";
import { makeOrganization } from "../harness/people";
import { startServer, type Server } from "../harness/server";
import { openPage, pageOf, settled, where } from "../harness/test";

// Every page, light and dark, at 1440 and 390 px: empty, and filled by a demonstration that has been played to its end. Looked at by a person.
const folder = join(import.meta.dirname, "../../../docs/screenshots");
const views = [
  { name: "light", scheme: "light", viewport: { width: 1440, height: 900 } },
  { name: "dark", scheme: "dark", viewport: { width: 1440, height: 900 } },
  { name: "phone-light", scheme: "light", viewport: { width: 390, height: 844 } },
  { name: "phone-dark", scheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

const file = (kind: string, page: string, view: string) => {
  mkdirSync(join(folder, kind), { recursive: true });
  return join(folder, kind, `${page.replaceAll(/,? /g, "-")}-${view}.png`);
};

// OUTRIDER_START_LINK names a demonstration that runs already; the link works once.
let demo: Server | undefined;
base.afterAll(() => demo?.stop());

base("filled by the demonstration", async ({ browser }) => {
  base.setTimeout(60 * 60_000);
  let link = process.env.OUTRIDER_START_LINK;
  if (!link) demo = await startServer({ demo: true, onLink: (l) => (link ||= l) });
  await expect.poll(() => link, { timeout: 20 * 60_000 }).toBeTruthy();
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(link!);
  await page.waitForURL(/\/o\//);
  const root = page.url().replace(/(\/o\/[^/?]+).*/, "$1");
  // All days are played first: pictures of a page that moves are of no use.
  await page.getByLabel("Speed").selectOption("0").catch(() => {});
  await expect.poll(async () => (await ask<{ findings?: unknown[] }>(page, "/v1/clock")).findings?.length ?? 0, { timeout: 40 * 60_000, intervals: [5000] }).toBeGreaterThan(0);
  const pages = [...inside, ...(await detailPages(page))];
  for (const view of views) {
    await page.emulateMedia({ colorScheme: view.scheme, reducedMotion: "reduce" });
    await page.setViewportSize(view.viewport);
    for (const [name, path] of pages) {
      await openPage(page, root + path);
      await page.screenshot({ path: file("filled", name, view.name) });
    }
  }
  await context.close();
});

base("empty, and outside", async ({ browser }) => {
  base.setTimeout(10 * 60_000);
  const org = await makeOrganization(where());
  for (const view of views) {
    const page = await pageOf(browser, org.owner, { colorScheme: view.scheme, viewport: view.viewport });
    for (const [name, path] of inside) {
      await openPage(page, `${where().url}/o/${org.slug}${path}`);
      await page.screenshot({ path: file("empty", name, view.name) });
    }
    await page.context().clearCookies();
    for (const [name, path] of outside.slice(0, 2)) {
      await openPage(page, where().url + path);
      await page.screenshot({ path: file("empty", name, view.name) });
    }
    await openPage(page, where().url + "/operator");
    await page.getByLabel("Platform key").fill(where().platformKey);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    for (const [name, tab] of operator) {
      await page.getByRole("tab", { name: tab, exact: true }).click();
      await settled(page);
      await page.screenshot({ path: file("empty", "operator, " + name, view.name) });
    }
    await page.context().close();
  }
});
