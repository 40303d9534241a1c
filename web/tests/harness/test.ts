import { test as base, expect, type Browser, type Page } from "@playwright/test";
import { makeOrganization, type Organization, type Person, type Where } from "./people";

/** The server of this run. */
export const where = (): Where => ({ url: process.env.OUTRIDER_URL!, platformKey: process.env.OUTRIDER_PLATFORM_KEY!, data: process.env.OUTRIDER_DATA! });

type Fixtures = {
  where: Where;
  /** A fresh organisation with its owner. */
  org: Organization;
  /** A page of its owner, who has signed in; not opened yet. */
  page: Page;
  /** Opens a page below the organisation (`/leads`), and waits until it stands. */
  open: (path?: string) => Promise<void>;
  as: (person: Person) => Promise<Page>;
};

export const test = base.extend<Fixtures>({
  where: async ({}, use) => use(where()),
  org: async ({ where }, use) => use(await makeOrganization(where, { postal_address: "Acme GmbH, 1 Main Street, 10115 Berlin, Germany" })),
  page: async ({ page, context, org }, use) => {
    await context.addCookies(org.owner.cookies);
    const wrong = watchErrors(page);
    await use(page);
    expect(wrong, "errors of the page").toEqual([]);
  },
  open: async ({ page, org, where }, use) => use((path = "") => openPage(page, where.url + "/o/" + org.slug + path)),
  as: async ({ browser }, use) => {
    const pages: Page[] = [];
    await use(async (person) => {
      const p = await pageOf(browser, person);
      pages.push(p);
      return p;
    });
    for (const p of pages) await p.context().close();
  },
});

export { expect };

export async function pageOf(browser: Browser, person: Person, o: Parameters<Browser["newContext"]>[0] = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce", ...o });
  await context.addCookies(person.cookies);
  return context.newPage();
}

/** Script errors, and what the policy of contents refused. */
export function watchErrors(page: Page): string[] {
  const wrong: string[] = [];
  page.on("pageerror", (e) => wrong.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && /Content Security Policy|Minified React error|Uncaught/.test(m.text())) wrong.push(m.text());
  });
  return wrong;
}

export async function openPage(page: Page, url: string) {
  await page.goto(url);
  await settled(page);
}

/** Waits until a page has its heading and no query is under way: the root element says how many are (data-fetching). */
export async function settled(page: Page) {
  try {
    await page.waitForFunction(() => document.documentElement.dataset.fetching === "0" && document.querySelector("h1") && !document.querySelector('.skeleton, [aria-busy="true"]'));
  } catch (err) {
    const why = await page.evaluate(() => `${document.documentElement.dataset.fetching} queries under way; busy: ${[...document.querySelectorAll('.skeleton, [aria-busy="true"]')].map((e) => e.outerHTML.slice(0, 120)).join(" ") || "nothing"}`);
    throw new Error(`${page.url()} doesn't come to rest: ${why}`, { cause: err });
  }
}

/** Waits until the page has heard of an event of this number or a later one, and of what it made stale. */
export async function heard(page: Page, oseq: number) {
  await page.waitForFunction((n) => Number(document.documentElement.dataset.oseq ?? 0) >= n, oseq);
  await settled(page);
}

/** Goes to a place by two keys, which belong together only when the second follows soon: who was held up presses them again. */
export async function goByKeys(page: Page, first: string, second: string, url: RegExp) {
  await expect(async () => {
    await page.keyboard.press(first);
    await page.keyboard.press(second);
    await expect(page).toHaveURL(url, { timeout: 3000 });
  }).toPass();
}

/** Waits until the stream of events is open: what happens from now on reaches the page. */
export async function isLive(page: Page) {
  await page.waitForFunction(() => document.documentElement.dataset.live === "live");
}
