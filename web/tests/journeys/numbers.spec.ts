import type { Page } from "@playwright/test";
import { expect, test } from "../harness/test";

// A figure is as many as the list that it counts, on the page and by the API.
const grid = (page: Page) => page.getByRole("grid");
const rowCount = async (page: Page) => Number(await grid(page).getAttribute("aria-rowcount")) - 1; // without the header

test("figures of suppressions, seats, roles and scopes are the lengths of their lists", async ({ org, page, open }) => {
  const values = ["a@example.com", "b@example.com", "example.test", "c@example.org"];
  const added = await org.owner.api("POST", "/v1/suppressions", { items: values.map((value) => ({ value })) });
  expect(added.status).toBeLessThan(300);
  await org.invite("member");

  await open("/settings/suppressions");
  await expect(page.getByText(`${values.length} in all`)).toBeVisible();
  await expect.poll(() => rowCount(page)).toBe(values.length);
  await page.getByLabel("Kind").selectOption({ label: "Domains" });
  await expect(page.getByText("1 in all")).toBeVisible();
  await expect.poll(() => rowCount(page)).toBe(1);

  await open("/settings/usage");
  const seats = page.getByRole("main").getByRole("link", { name: /^\d+$/ }).first();
  const n = Number(await seats.textContent());
  expect(n).toBe(2);
  await seats.click();
  await expect(page.getByRole("heading", { name: `${n} members` })).toBeVisible();
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(n + 1);

  await open("/settings/roles");
  for (const [role, people] of [["Owner", "1 person"], ["Member", "1 person"], ["Admin", "0 people"]]) await expect(page.getByRole("columnheader", { name: `${role} ${people}` })).toBeVisible();
});

test("the history of one thing is as long as the API says, and its newest event opens", async ({ org, page, open }) => {
  await org.owner.api("POST", "/v1/suppressions", { items: [{ value: "d@example.com" }] });
  const list = () => org.owner.api<{ data: { oseq: number }[] }>("GET", "/v1/audit/events?type=suppression.&limit=200");
  await expect.poll(async () => (await list()).body.data.length).toBeGreaterThan(0);
  const listed = await list();
  await open("/history?type=suppression.");
  await expect.poll(() => rowCount(page)).toBe(listed.body.data.length);
  await grid(page).focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(panel.getByRole("heading", { name: "Why it happened" })).toBeVisible();
  await expect(panel.getByText("suppression.added", { exact: false }).first()).toBeVisible();
  await page.keyboard.press("o");
  await expect(page).toHaveURL(new RegExp(`/history/${listed.body.data[0]!.oseq}`));
});
