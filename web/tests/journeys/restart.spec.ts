import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOrganization } from "../harness/people";
import { startServer } from "../harness/server";
import { expect, isLive, openPage, pageOf, settled, test } from "../harness/test";

test("a server that is killed and comes back finds the page where it was: it says so, goes on, and shows what there is", async ({ browser }) => {
  test.setTimeout(900_000);
  const data = mkdtempSync(join(tmpdir(), "outrider-web-"));
  let server = await startServer({ data });
  try {
    const org = await makeOrganization({ url: server.url, platformKey: server.platformKey, data: server.data });
    await org.owner.api("POST", "/v1/leads", { email: "one@example.com" });
    const page = await pageOf(browser, org.owner);
    await openPage(page, `${server.url}/o/${org.slug}/leads`);
    await isLive(page);
    await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "2");
    await server.kill();
    await expect(page.getByText(/^Reconnecting since/).first()).toBeVisible();
    server = await startServer({ data, listen: new URL(server.url).host });
    expect((await org.owner.api("POST", "/v1/leads", { email: "two@example.com" })).status).toBe(201);
    await isLive(page);
    await expect(page.getByText("2 people").first()).toBeVisible({ timeout: 300_000 });
    await settled(page);
    await page.context().close();
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
