import { makeOrganization } from "../harness/people";
import { expect, openPage, pageOf, test, watchErrors } from "../harness/test";
import { inside } from "../harness/pages";

const hostile = ['<img src=x onerror="window.hacked=1">', "</script><script>window.hacked=1</script>", "gnip\u05d0\u05d1 \u0645\u0631", "𝕊𝕡𝕒𝕞 🏴‍☠️ مرحبا", "=HYPERLINK(\"http://example.test\")", "{{ constructor.constructor('window.hacked=1')() }}", "x".repeat(190)];

test("names that are scripts, turn around or never end are only text, on every page", async ({ browser, where }) => {
  const org = await makeOrganization(where, { name: hostile[0]! + hostile[1]!, postal_address: hostile[0]! });
  for (const [i, name] of hostile.entries())
    expect((await org.owner.api("POST", "/v1/leads", { email: `lead${i}@example.com`, first_name: name, last_name: hostile[0], company_name: name, job_title: name, tags: [name.slice(0, 90)] })).status, name).toBe(201);
  const page = await pageOf(browser, org.owner, { viewport: { width: 320, height: 700 } });
  const wrong = watchErrors(page);
  for (const [name, path] of inside) {
    await openPage(page, `${where.url}/o/${org.slug}${path}`);
    expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked), `${name} runs nothing`).toBeUndefined();
    expect(await page.locator("img[src=x]").count(), `${name} makes no element of it`).toBe(0);
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} scrolls sideways`).toBeLessThanOrEqual(0);
  }
  expect(wrong).toEqual([]);
  await page.context().close();
});
