import type { Browser, BrowserContext, Page } from "@playwright/test";
import { startServer, type Server } from "./server";
import { expect, settled, test as base } from "./test";

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** A demonstration that is played while tests look: a mail server of its own, a thousand people, a signed-in owner. */
export type Demo = {
  server: Server;
  root: string; // of its organisation: http://.../o/SLUG
  org: string;
  /** Milliseconds from the start of the program. */
  linkAfter: number;
  open: (browser: Browser, path?: string) => Promise<Page>;
};

export const test = base.extend<{ demoPage: Page }, { demo: Demo }>({
  demo: [
    async ({ browser }, use) => {
      const began = Date.now();
      let link = "";
      let linkAfter = 0;
      const server = await startServer({
        demo: true,
        onLink: (l) => {
          link ||= l;
          linkAfter ||= Date.now() - began;
        },
      });
      await expect.poll(() => link, { timeout: 800_000 }).toBeTruthy();
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(link); // works once
      await page.waitForURL(/\/o\//);
      const root = page.url().replace(/(\/o\/[^/?]+).*/, "$1");
      const signedIn: State = await context.storageState();
      const org = await page.evaluate(async () => ((await (await fetch("/v1/me")).json()) as { organization_id: string }).organization_id);
      await context.close();
      await use({
        server,
        root,
        org,
        linkAfter,
        open: async (b, path = "") => {
          const c = await b.newContext({ storageState: signedIn, viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
          const p = await c.newPage();
          await p.goto(root + path);
          await settled(p);
          return p;
        },
      });
      await server.stop();
    },
    { scope: "worker", timeout: 900_000 },
  ],
  demoPage: async ({ demo, browser }, use) => {
    const page = await demo.open(browser);
    await use(page);
    await page.context().close();
  },
});

/** Asks the API as the page would, which must be answered. */
export const ask = <T>(page: Page, path: string) =>
  page.evaluate(async (p) => {
    const answer = await fetch(p);
    if (!answer.ok) throw new Error(`${p} is answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }, path);
