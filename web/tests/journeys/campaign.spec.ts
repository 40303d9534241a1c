import type { Page } from "@playwright/test";
import { expect, settled, test } from "../harness/test";

const people = [
  { email: "ann@company1.example", first_name: "Ann", last_name: "Lee", company_name: "Company One" },
  { email: "bob@company2.example", first_name: "Bob", company_name: "Company Two" },
  { email: "cy@company3.example", company_name: "Company Three" },
];

const saved = (page: Page) => expect(page.getByText("Saved.", { exact: true })).toBeVisible();

test("a first campaign: steps, preview with real people, people, and what is missing before the launch @short", async ({ page, open, org }) => {
  for (const p of people) expect((await org.owner.api("POST", "/v1/leads", p)).status).toBe(201);

  await open("/campaigns");
  await page.getByRole("button", { name: "New campaign" }).first().click();
  await page.getByRole("button", { name: "Create the draft" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription("Give it a name.");
  await page.getByLabel("Name", { exact: true }).fill("Spring");
  await page.getByRole("button", { name: "Create the draft" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Spring" })).toBeVisible();
  await expect(page).toHaveURL(/\/steps/);

  // Text: what is typed is saved; a variable is completed; one that nobody has is said.
  const subject = page.getByRole("textbox", { name: "Subject" });
  const text = page.getByRole("textbox", { name: "Text" });
  await subject.fill("A question for {{ company_name }}");
  await text.fill("Hi ");
  await text.press("End");
  await text.pressSequentially("{{ fir");
  await page.getByRole("option", { name: /first_name/ }).click();
  await expect(text).toContainText("{{ first_name }}");
  await saved(page);
  const id = page.url().match(/campaigns\/([0-9a-f-]+)/)![1]!;
  const read = async () => (await org.owner.api("GET", `/v1/campaigns/${id}`)).body;
  await expect.poll(async () => (await read()).steps[0].variants[0].body).toContain("{{ first_name }}");
  await text.press("Control+End");
  await text.pressSequentially(" {{ pet_name }}");
  await expect(page.getByText("Nobody has a value named pet_name.")).toBeVisible();
  for (let i = 0; i < " {{ pet_name }}".length; i++) await text.press("Backspace");
  await expect(page.getByText("Nobody has a value named pet_name.")).toBeHidden();

  // Variants: shares sum to 100.
  await page.getByRole("button", { name: "Add a variant" }).click();
  const shares = page.getByRole("slider");
  await expect(shares).toHaveCount(2);
  await shares.first().fill("70");
  await expect(shares.nth(1)).toHaveValue("30");
  await saved(page);
  await page.getByRole("button", { name: "Remove variant B" }).click();
  await expect(shares).toHaveCount(0);

  // Preview: real people by the arrow keys, outside of fields.
  const preview = page.getByRole("region", { name: "Preview" });
  await page.getByRole("heading", { level: 1 }).click();
  const shown = new Set<string>();
  for (let i = 0; i < people.length; i++) {
    await expect(preview.getByText(`${i + 1} of 3`)).toBeVisible();
    shown.add((await preview.getByText(/<.*@company\d\.example>/).first().textContent()) ?? "");
    await page.keyboard.press("ArrowRight");
  }
  expect(shown.size).toBe(3);

  // A delay that the schedule forbids is said where it stands.
  await page.getByRole("spinbutton", { name: "Business days before step 2" }).fill("1");
  await expect(page.getByText(/Step 2 comes 1 business day/)).toBeVisible();
  await page.getByRole("spinbutton", { name: "Business days before step 2" }).fill("3");
  await saved(page);

  // People.
  await page.getByRole("tab", { name: /People/ }).click();
  await page.getByRole("button", { name: "Add people" }).click();
  await page.getByRole("button", { name: "Add 3 people" }).click();
  await expect(page.getByText("3 people added.")).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("grid", { name: "People" }).getByText("Ann Lee")).toBeVisible();
  expect((await read()).enrolled).toBe(3);

  // Launch: cy has no first name, and there is no mailbox; the button can't be pressed.
  await page.getByRole("button", { name: "Check and launch" }).click();
  await expect(page.getByText("No mailbox is chosen to send from")).toBeVisible();
  await expect(page.getByRole("button", { name: "Launch to 3 people" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("link", { name: "Connect a mailbox" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Connect a mailbox" })).toBeVisible();
  await settled(page);
  expect((await read()).status).toBe("draft");
});

test("steps that two people change at once: nothing is overwritten, and what was typed stays", async ({ page, open, org }) => {
  const made = await org.owner.api("POST", "/v1/campaigns", { name: "Both", steps: [{ variants: [{ subject: "S", body: "Hello" }] }] });
  const id = made.body.id;
  await open(`/campaigns/${id}/steps`);
  const text = page.getByRole("textbox", { name: "Text" });
  await expect(text).toContainText("Hello");
  await page.route(`**/v1/campaigns/${id}`, async (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    // Somebody else is quicker.
    const now = (await org.owner.api("GET", `/v1/campaigns/${id}`)).body;
    if (now.steps[0].variants[0].body === "Hello") {
      const steps = [{ ...now.steps[0], variants: [{ ...now.steps[0].variants[0], body: "Theirs" }] }];
      expect((await org.owner.api("PATCH", `/v1/campaigns/${id}`, { steps })).status).toBe(200);
    }
    return route.continue();
  });
  await text.fill("Mine");
  await expect(page.getByText("Somebody else has changed the steps meanwhile.")).toBeVisible();
  await expect(page.getByRole("alert").getByText("Theirs", { exact: true })).toBeVisible();
  await expect(page.getByRole("alert").getByText("Mine", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Keep mine" }).click();
  await saved(page);
  expect((await org.owner.api("GET", `/v1/campaigns/${id}`)).body.steps[0].variants[0].body).toBe("Mine");
});

test("the booking hours are what visitors see, and are kept", async ({ page, open, org }) => {
  await open("/meetings/page");
  await expect(page.getByText("People who open your booking link see no times yet.", { exact: false })).toBeVisible();
  await page.getByLabel("Monday: hours 1 to", { exact: true }).fill("10:00");
  await page.getByRole("button", { name: "Give all open days the hours of Monday" }).click();
  const seen = page.getByRole("region", { name: "What visitors see" });
  await expect(seen.getByText("09:30").first()).toBeVisible();
  await expect(seen.getByText("10:00")).toHaveCount(0);
  await page.getByRole("button", { name: "Save the booking hours" }).click();
  await expect(page.getByText("Booking hours saved. What is booked stays.", { exact: true })).toBeVisible();
  expect((await org.owner.api("GET", "/v1/booking-hours")).body.windows[0]).toMatchObject({ from: "09:00", to: "10:00" });
});
