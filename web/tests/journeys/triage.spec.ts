import { test } from "../harness/demo";
import { expect, goByKeys, settled } from "../harness/test";

// Answers of people come from the demo, which plays with a mail server of its own.
test.describe.configure({ timeout: 900_000, mode: "serial" });

type Counts = { needs_answer: number; snoozed: number; mine: number };

test("answers are triaged by the keyboard alone", async ({ demoPage: page }) => {
  const counts = () => page.evaluate(async () => (await (await fetch("/v1/inbox/counts")).json()) as Counts);
  await expect.poll(async () => (await counts()).needs_answer, { timeout: 500_000, intervals: [2000] }).toBeGreaterThan(8);
  await goByKeys(page, "g", "i", /\/inbox\/answer\/[0-9a-f-]{36}$/);
  const thread = page.getByRole("region", { name: "Conversation", exact: true });
  await settled(page);
  const at = () => page.url().split("/").at(-1)!;
  const status = (id: string) => page.evaluate(async (i) => (await (await fetch("/v1/inbox/" + i)).json()) as { status: string; unread: boolean; assignee?: string }, id);

  // Done: it leaves the list, the next one opens; undo brings it back.
  const first = at();
  await page.keyboard.press("e");
  await expect(page).not.toHaveURL(new RegExp(first));
  await expect.poll(async () => (await status(first)).status).toBe("done");
  await page.keyboard.press("Control+z");
  await expect.poll(async () => (await status(first)).status).toBe("needs_answer");

  // Put off until tomorrow, by the menu of h.
  const second = at();
  await page.keyboard.press("h");
  await page.getByRole("menuitem", { name: /Tomorrow/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveURL(new RegExp(second));
  await expect.poll(async () => (await status(second)).status).toBe("snoozed");

  // Assigned to me, and unread again.
  const third = at();
  await page.keyboard.press("n");
  await page.getByRole("menuitem", { name: "To me" }).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await status(third)).assignee).toBeTruthy();
  await page.keyboard.press("u");
  await expect(page).not.toHaveURL(new RegExp(third));
  await expect.poll(async () => (await status(third)).unread).toBe(true);

  // What is typed survives a reload, and j and k are letters in a field.
  await page.keyboard.press("j");
  await settled(page);
  await page.keyboard.press("r");
  await expect(thread.getByRole("textbox")).toBeFocused();
  await page.keyboard.type("jk: gladly");
  await page.reload();
  await settled(page);
  await expect(thread.getByRole("textbox")).toHaveValue("jk: gladly");
  const answered = at();
  await page.keyboard.press("r");
  await expect(thread.getByRole("textbox")).toBeFocused();
  await page.keyboard.press("Control+Enter");
  await expect(page).not.toHaveURL(new RegExp(answered));
  await expect.poll(async () => (await status(answered)).status).toBe("done");
});

test("every answer says what it was taken for and what that did", async ({ demo, demoPage: page }) => {
  await page.goto(demo.root + "/inbox/all?class=automatic");
  await settled(page);
  await expect(page.getByText(/Out of office until|An automatic answer/).first()).toBeVisible();
  await expect(page.getByText(/The sequence was paused/).first()).toBeVisible();
});
