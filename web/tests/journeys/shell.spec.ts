import { expect, goByKeys, settled, test } from "../harness/test";

test("the keyboard goes everywhere: places, palette, help, and back @short", async ({ page, open, org }) => {
  await open();
  await goByKeys(page, "g", "l", /\/o\/[^/]+\/leads/);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or go to" });
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("Sett");
  await expect(palette.getByRole("option", { name: /Settings/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/settings/);
  await expect(palette).toBeHidden();
  expect(org.name).toBeTruthy();
});

test("a single key does nothing in a field, and nothing at all when single keys are off", async ({ page, open }) => {
  await open();
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByRole("checkbox", { name: "Shortcuts of one key" }).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("?g");
  await expect(page.getByRole("combobox")).toHaveValue("?g");
});

test("the chosen appearance stays", async ({ page, open }) => {
  await open();
  await page.getByRole("button", { name: "You", exact: true }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("the past is in the URL, and the way back stands in the strip @short", async ({ page, open }) => {
  await open("?at=2026-01-02T03:04:05Z");
  await expect(page.getByText(/You are looking at/)).toBeVisible();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page).not.toHaveURL(/at=/);
  await settled(page);
});
