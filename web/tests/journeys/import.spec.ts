import { join } from "node:path";
import { expect, settled, test } from "../harness/test";

const file = (name: string) => join(import.meta.dirname, "../testdata", name);

test("a file is read, checked, imported and undone, and every number is the list that it counts @short", async ({ page, open, org }) => {
  const api = org.owner.api;
  await api("POST", "/v1/leads", { email: "known@example.com", first_name: "Known" });
  await api("POST", "/v1/suppressions", { items: [{ value: "blocked@example.com" }] });
  await open("/imports/new");

  // File, columns: what was found can be corrected; a wrong character set shows at once, and the right one again.
  await page.getByLabel("Choose a file").first().setInputFiles(file("fair-cp1252.csv"));
  await expect(page.getByRole("rowheader", { name: "Vorname" })).toBeVisible();
  await expect(page.getByText("Müller")).toBeVisible();
  await page.getByLabel("Character set").selectOption("windows-1251");
  await expect(page.getByText("Müller")).toHaveCount(0);
  await page.getByLabel("Character set").selectOption("");
  await expect(page.getByText("Müller")).toBeVisible();
  await expect(page.getByLabel("Goes to: E-Mail")).toHaveValue("email");
  await page.getByLabel("Goes to: E-Mail").selectOption("");
  await expect(page.getByRole("button", { name: "Check the file" })).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("Goes to: E-Mail").selectOption("email");
  await page.getByLabel("Tags", { exact: true }).fill("fair");

  // The check: nothing is imported, and it can be left and come back to.
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByRole("heading", { name: "What would be" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Import \d+ people$/ })).toBeVisible();
  const check = page.url().match(/imports\/([0-9a-f-]+)/)![1]!;
  const counted = (await api("GET", "/v1/imports/" + check)).body as Record<string, number>;
  expect(counted).toMatchObject({ rows: 7, created: 4, duplicates: 2, rejected: 1, suppressed: 1 });
  expect((await api("GET", "/v1/leads?include=total")).body.total).toBe(1);
  await page.getByRole("link", { name: "Imports" }).click();
  await page.getByRole("row", { name: /fair-cp1252/ }).click();
  await expect(page).toHaveURL(new RegExp(check));
  for (const [outcome, n] of [["duplicate", 2], ["rejected", 1], ["created", 4]] as const) {
    await page.goto(page.url().split("?")[0] + "?outcome=" + outcome);
    await settled(page);
    await expect(page.getByRole("table").getByRole("row")).toHaveCount(n + 1);
  }

  // The import does what the check said.
  await page.getByRole("button", { name: "Import 4 people" }).click();
  await expect(page).not.toHaveURL(new RegExp(check));
  await expect(page.getByRole("button", { name: "Show 4 people" })).toBeVisible();
  const id = page.url().match(/imports\/([0-9a-f-]+)/)![1]!;
  const done = (await api("GET", "/v1/imports/" + id)).body as Record<string, number>;
  for (const k of ["rows", "created", "updated", "duplicates", "rejected", "suppressed"]) expect(done[k], k).toBe(counted[k]);
  await page.getByRole("button", { name: "Show 4 people" }).click();
  await expect(page.getByRole("grid", { name: "Leads" })).toHaveAttribute("aria-rowcount", "5");
  await expect(page.getByText("4 people").first()).toBeVisible();

  // Somebody edits one of them: the undo keeps that one, and says so before.
  const ann = (await api("GET", "/v1/leads?email=ann@example.com")).body.data[0];
  expect(ann.tags).toEqual(["fair"]);
  await api("PATCH", "/v1/leads/" + ann.id, { job_title: "CEO" }, { "If-Match": "*" });
  await page.goBack();
  await page.getByRole("button", { name: "Undo this import" }).click();
  const dialog = page.getByRole("dialog", { name: "Undo this import?" });
  await expect(dialog.getByText("Removes 3, keeps 1")).toBeVisible();
  await expect(dialog.getByText("1 edited")).toBeVisible();
  await dialog.getByRole("button", { name: "Remove 3 people" }).click();
  await expect(page.getByText("Undone: 3 people removed, 1 kept.")).toBeVisible();
  expect((await api("GET", "/v1/leads?include=total")).body.total).toBe(2);
});

test("leads are filtered, tagged by selection, edited by two at once, and suppressed with a way back @short", async ({ page, open, org }) => {
  const api = org.owner.api;
  let id = "";
  for (const [n, name] of ["Ann", "Bob", "Eve"].entries()) id = (await api("POST", "/v1/leads", { email: `${name.toLowerCase()}@example.com`, first_name: name, country: n ? "Germany" : "France" })).body.id;
  await open("/leads?country=Germany");
  const grid = page.getByRole("grid", { name: "Leads" });
  await expect(grid).toHaveAttribute("aria-rowcount", "3");
  await page.getByRole("button", { name: "Take away the filter Country: Germany" }).click();
  await expect(grid).toHaveAttribute("aria-rowcount", "4");
  await expect(page).not.toHaveURL(/country/);

  // Two are selected by the keyboard and tagged; the operation survives a reload.
  await grid.focus();
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByRole("button", { name: "Add tags" }).click();
  const tagging = page.getByRole("dialog", { name: "Add tags" });
  await tagging.getByLabel("Tags").fill("vip");
  await tagging.getByRole("button", { name: "Add to 2 people" }).click();
  await expect(page.getByText("Done with 2 people")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Done with 2 people")).toBeVisible();
  expect((await api("GET", "/v1/leads?tag=vip&include=total")).body.total).toBe(2);

  // Somebody else changes what is being edited: both texts stand side by side.
  await page.goto(page.url().replace(/\/leads.*/, "/leads/" + id));
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("First name").fill("Eva");
  await page.getByLabel("Job", { exact: true }).fill("CTO");
  await api("PATCH", "/v1/leads/" + id, { first_name: "Evelyn" }, { "If-Match": "*" });
  await page.getByRole("button", { name: "Save" }).click();
  const both = page.getByRole("dialog", { name: "Somebody else changed this person meanwhile" });
  await expect(both.getByText("Evelyn")).toBeVisible();
  await both.getByLabel("Eva", { exact: true }).check();
  await both.getByRole("button", { name: "Save this" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Eva" })).toBeVisible();
  expect((await api("GET", "/v1/leads/" + id)).body).toMatchObject({ first_name: "Eva", job_title: "CTO" });

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Suppress this address" }).click();
  await expect(page.getByText(/^Nothing is sent/)).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText(/^Nothing is sent/)).toHaveCount(0);
});
