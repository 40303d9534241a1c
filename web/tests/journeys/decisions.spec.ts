import { expect, openPage, settled, test } from "../harness/test";

const steps = [{ variants: [{ subject: "A question", body: "Hi" }] }];

test("who may not launch asks who may; they see it on Today, and decline it", async ({ page, open, org, as, where }) => {
  const role = await org.owner.api("POST", "/v1/roles", { name: "Writer", permissions: ["campaigns:read", "campaigns:write", "organization:read", "members:read", "leads:read", "mailboxes:read"] });
  const made = await org.owner.api("POST", "/v1/campaigns", { name: "Spring", steps });
  const writer = await as(await org.invite(role.body.id));
  await openPage(writer, `${where.url}/o/${org.slug}/campaigns/${made.body.id}/launch`);
  await expect(writer.getByRole("button", { name: /^Launch to/ })).toHaveCount(0);
  await writer.getByLabel("What they should know").fill("The texts are final.");
  await writer.getByRole("button", { name: /^Ask for launch to/ }).click();
  await expect(writer.getByText(/^You asked for the launch/)).toBeVisible();

  await open();
  await page.getByRole("link", { name: /1 launch to decide on/ }).click();
  await expect(page.getByRole("row").filter({ hasText: "Spring" })).toContainText("Launch asked for");
  await open(`/campaigns/${made.body.id}/launch`);
  await expect(page.getByRole("region", { name: "Request to launch" })).toContainText("The texts are final.");
  await page.getByRole("button", { name: "Decline" }).click();
  await expect.poll(async () => (await org.owner.api("GET", "/v1/campaigns/" + made.body.id)).body.launch_request).toBeUndefined();
});

test("a campaign is put away, is found in the archive, and comes back", async ({ page, open, org }) => {
  const made = await org.owner.api("POST", "/v1/campaigns", { name: "Old", steps });
  const archived = async () => (await org.owner.api("GET", "/v1/campaigns/" + made.body.id)).body.archived_at as string | undefined;
  await open(`/campaigns/${made.body.id}/steps`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await expect.poll(archived).toBeTruthy();
  await open("/campaigns");
  await expect(page.getByRole("row").filter({ hasText: "Old" })).toHaveCount(0);
  await page.getByLabel("Status").selectOption({ label: "Archived" });
  await page.getByRole("row").filter({ hasText: "Old" }).getByRole("link").first().click();
  await settled(page);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Take out of the archive" }).click();
  await expect.poll(archived).toBeUndefined();
});

test("filters are saved as a segment, which lists and campaigns take", async ({ page, open, org }) => {
  for (const [email, tags] of [["ann@example.com", ["vip"]], ["bob@example.com", []]] as const) expect((await org.owner.api("POST", "/v1/leads", { email, tags })).status).toBe(201);
  await open("/leads?tag=vip");
  await page.getByRole("button", { name: "Segments" }).click();
  await page.getByRole("button", { name: "Save these filters as a segment" }).click();
  await page.getByRole("dialog", { name: "Save as a segment" }).getByLabel("Name").fill("Important");
  await page.getByRole("button", { name: "Save the segment" }).click();
  await expect(page).toHaveURL(/segment_id=/);
  await settled(page);
  await expect(page.getByRole("row")).toHaveCount(2); // the head and Ann
  await expect(page.getByText("Segment: Important")).toBeVisible();

  const made = await org.owner.api("POST", "/v1/campaigns", { name: "Spring", steps });
  await open(`/campaigns/${made.body.id}/people`);
  await page.getByRole("button", { name: "Add people" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox").first().selectOption({ label: "Segment" });
  await dialog.getByLabel("Segment", { exact: true }).selectOption({ label: "Important" });
  await dialog.getByRole("button", { name: /^Add 1 / }).click();
  await expect.poll(async () => (await org.owner.api("GET", "/v1/campaigns/" + made.body.id)).body.enrolled).toBe(1);
});

test("how long an answer can be taken back is set for all", async ({ page, open, org }) => {
  await open("/settings/organization");
  await page.getByLabel("Answers can be taken back").selectOption({ label: "for 30 seconds" });
  await expect.poll(async () => (await org.owner.api("GET", "/v1/organizations/" + org.id)).body.reply_undo_seconds).toBe(30);
});
