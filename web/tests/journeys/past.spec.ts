import { expect, settled, test } from "../harness/test";

const writes = ["POST", "PUT", "PATCH", "DELETE"];

test("at an instant of the past a page shows what was then, writes nothing, and stays there while one looks around @past", async ({ page, open, org }) => {
  const { api } = org.owner;
  const made = await api("POST", "/v1/leads", { email: "ada@example.com", first_name: "Ada", job_title: "Analyst" });
  const id = made.body.id as string;
  const campaign = (await api("POST", "/v1/campaigns", { name: "First name" })).body.id as string;
  const log = async () => (await api("GET", "/v1/audit/events?limit=20")).body.data as { oseq: number; type: string; time: string }[];
  await expect.poll(async () => (await log()).some((e) => e.type.startsWith("campaign.created"))).toBe(true);
  const then = new Date(Date.parse((await log()).find((e) => e.type.startsWith("campaign.created"))!.time) + 1).toISOString();
  await api("PATCH", "/v1/leads/" + id, { job_title: "Countess" }, { "If-Match": "*" });
  await api("PATCH", "/v1/campaigns/" + campaign, { name: "Second name" });

  const written: string[] = [];
  page.on("request", (r) => void (writes.includes(r.method()) && !/\/v1\/(auth|me)\//.test(r.url()) && written.push(`${r.method()} ${r.url()}`)));
  await open(`/leads/${id}?at=${then}`);
  await expect(page.getByText("Analyst").first()).toBeVisible();
  await expect(page.getByText("Countess")).toHaveCount(0);
  for (const name of ["Edit", "More", "Suppress this address"]) await expect(page.getByRole("main").getByRole("button", { name, exact: true }), name).toHaveCount(0);
  const strip = page.getByRole("status").filter({ hasText: "You are looking at" });
  await expect(strip.getByRole("link", { name: /^event \d+, history verified$/ })).toBeVisible();

  // From place to place the instant stays; Today shows campaigns as they were.
  await page.getByRole("navigation", { name: "Places" }).first().getByRole("link", { name: "Today" }).click();
  await expect(page).toHaveURL(/at=/);
  await expect(page.getByRole("region", { name: "What had happened by then" })).toBeVisible();
  await page.getByRole("region", { name: "Campaigns" }).getByRole("link", { name: "First name" }).click();
  await expect(page).toHaveURL(/at=/);
  await expect(page.getByRole("heading", { level: 1, name: "First name" })).toBeVisible();
  for (const name of ["Pause", "Check and launch"]) await expect(page.getByRole("button", { name, exact: true }), name).toHaveCount(0);

  // What has changed since then, field by field, and how often; each number is a list as long.
  await page.getByRole("banner").getByRole("button", { name: /2026|20\d\d/ }).click();
  await page.getByRole("link", { name: "What has changed since" }).click();
  const changed = page.getByRole("region", { name: "What changed" }).first();
  await expect(changed.getByRole("row").filter({ hasText: "name" }).first()).toContainText("First name");
  await expect(changed.getByRole("row").filter({ hasText: "name" }).first()).toContainText("Second name");
  const renamed = page.getByRole("listitem").filter({ hasText: "Campaign renamed" }).getByRole("link");
  await expect(renamed).toHaveText("1");
  await page.getByRole("button", { name: "Back to now" }).click();
  await renamed.click();
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", "2");
  expect(written).toEqual([]);

  // An event says what it changed.
  await page.getByRole("grid").focus();
  await page.keyboard.press("Enter");
  const event = page.getByRole("complementary", { name: "Event" });
  await expect(event.getByRole("row").filter({ hasText: "Second name" }).first()).toBeVisible();
  await settled(page);
});

test("the palette finds people, campaigns and events, and remembers what was opened", async ({ page, open, org }) => {
  const { api } = org.owner;
  await api("POST", "/v1/leads", { email: "zelda@example.com", first_name: "Zelda", last_name: "Quill", company_name: "Inkworks" });
  await api("POST", "/v1/campaigns", { name: "Zelda's spring" });
  await open();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or go to" });
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("zelda");
  await expect(palette.getByRole("option", { name: /Zelda's spring/ })).toBeVisible();
  await palette.getByRole("option", { name: /Zelda Quill/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Zelda Quill" })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(palette.getByRole("option", { name: /Zelda Quill/ })).toBeVisible();
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("#1");
  await palette.getByRole("option", { name: /Event/ }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Event 1" })).toBeVisible();
  await settled(page);
});

test("a view keeps filters by its name, the bell tells of what was chosen, and both follow to another browser", async ({ page, open, org, as, where }) => {
  const { api } = org.owner;
  await api("POST", "/v1/leads", { email: "a@example.com", country: "Germany" });
  await api("POST", "/v1/leads", { email: "b@example.com", country: "France" });
  await open("/leads?country=Germany");
  await page.getByRole("button", { name: /^Views/ }).click();
  await page.getByRole("button", { name: "Save what is shown as a view" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Germans");
  await page.getByRole("button", { name: "Save the view" }).click();
  await expect(page.getByText("“Germans” is saved.", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "You", exact: true }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await expect.poll(async () => (await api("GET", "/v1/me/preferences")).body.values.theme).toBe("dark");

  const other = await as(org.owner);
  await other.goto(`${where.url}/o/${org.slug}/leads`);
  await settled(other);
  await expect(other.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(other.getByRole("grid")).toHaveAttribute("aria-rowcount", "3");
  await other.getByRole("button", { name: "Views" }).click();
  await other.getByRole("button", { name: "Germans", exact: true }).click();
  await expect(other.getByRole("grid")).toHaveAttribute("aria-rowcount", "2");
});
