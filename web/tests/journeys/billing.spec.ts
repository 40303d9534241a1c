import type { Page } from "@playwright/test";
import { test } from "../harness/demo";
import { makeOrganization } from "../harness/people";
import { expect, pageOf, settled, watchErrors } from "../harness/test";

test.describe.configure({ timeout: 900_000 });

// A newcomer beside the demonstration, whose payment provider is a stand-in with pages of its own: a trial, a plan, a card that is declined, a payment
// that fails and comes, a larger and a smaller plan, an end and its taking back. PICTURES names a folder for a picture of each step.

const picture = async (page: Page, name: string) => {
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/billing-${name}.png`, animations: "disabled" });
};

test("a trial, a plan that is bought, changed, not paid, paid again and ended", async ({ demo, browser }) => {
  const where = { url: demo.server.url, platformKey: demo.server.platformKey, data: demo.server.data };
  const org = await makeOrganization(where, { name: "Newcomer", plan: "starter" });
  const { api } = org.owner;
  const page = await pageOf(browser, org.owner, { viewport: { width: 1440, height: 900 } });
  const wrong = watchErrors(page);
  const open = async (path: string) => {
    await page.goto(`${where.url}/o/${org.slug}${path}`);
    await settled(page);
  };
  const region = (name: string) => page.getByRole("region", { name, exact: true });
  const billing = async () => (await api("GET", "/v1/billing")).body;
  const account = async () => (await api("GET", "/v1/organizations/" + org.id)).body;
  const home = () => page.waitForURL((u) => u.pathname.includes("/settings/"));
  const bill = region("Subscription");
  await api("PUT", "/v1/clock", { paused: true }); // a day of grace must not pass while somebody looks

  await test.step("the trial has its end, and plans have prices", async () => {
    expect((await account()).next_status).toBe("suspended");
    await open("/settings/usage");
    await expect(page.getByRole("button", { name: "Buy Growth…" })).toBeVisible();
    await expect(page.getByText("$99.00 a month")).toBeVisible();
    await picture(page, "1-trial");
    await open("/settings/billing");
    await expect(bill).toContainText("There is none yet");
    await picture(page, "2-nothing-yet");
  });

  await test.step("a card that is declined costs nothing", async () => {
    await open("/settings/usage");
    await page.getByRole("button", { name: "Buy Growth…" }).click();
    await page.getByRole("button", { name: "Pay with a card that is declined" }).click();
    await expect(page.getByRole("alert")).toContainText("declined");
    await picture(page, "3-declined");
    await page.getByRole("link", { name: "Back" }).click();
    await home();
    await expect(page.getByText("Nothing was paid.")).toBeVisible();
    expect((await billing()).subscription).toBeUndefined();
  });

  await test.step("another card buys it, with an invoice", async () => {
    await open("/settings/usage");
    await page.getByRole("button", { name: "Buy Growth…" }).click();
    await page.getByRole("button", { name: "Pay with a card that works" }).click();
    await home();
    await expect(bill).toContainText(/growth/i);
    await expect(bill.getByText("Paid", { exact: true })).toBeVisible();
    const invoices = region("Invoices").last();
    await expect(invoices.getByText("$99.00")).toBeVisible();
    await picture(page, "4-bought");
    await invoices.getByRole("button").first().click();
    await expect(page.getByRole("dialog")).toContainText("Outrider growth");
    await picture(page, "5-invoice");
    await page.keyboard.press("Escape");
    expect(await account()).toMatchObject({ plan: "growth", status: "active" });
  });

  await test.step("a larger plan says what it costs before it is taken", async () => {
    await open("/settings/usage");
    await page.getByRole("button", { name: "Change to Scale…" }).click();
    const dialog = page.getByRole("dialog");
    const go = dialog.getByRole("button", { name: /^Change to Scale for / });
    await expect(go).toBeVisible();
    await expect(dialog).toContainText("Unused time on Outrider growth");
    await picture(page, "6-upgrade");
    await go.click();
    await expect(dialog).toBeHidden();
    await expect.poll(async () => (await account()).plan).toBe("scale");
  });

  const portal = async () => {
    await open("/settings/billing");
    await page.getByRole("button", { name: "Cards and addresses…" }).click();
    await expect(page.getByRole("heading", { name: "Your payments" })).toBeVisible();
  };

  await test.step("a payment that fails is said above every page, with the day on which sending stops", async () => {
    await portal();
    await page.getByRole("button", { name: "Use a card that is declined" }).click();
    await page.getByRole("button", { name: "Let a month pass" }).click();
    await picture(page, "7-portal");
    await page.getByRole("link", { name: "Back" }).click();
    await home();
    await expect(page.getByRole("alert")).toContainText("could not be collected, in 1 attempt");
    await expect(page.getByRole("alert")).toContainText("Without a payment, sending stops on");
    const strip = page.getByRole("status").filter({ hasText: "A payment is overdue. Without one nothing is sent from" });
    await expect(strip.getByRole("link", { name: "Billing" })).toBeVisible();
    await expect(bill.getByText("Past due", { exact: true })).toBeVisible();
    await picture(page, "8-past-due");
    expect(await account()).toMatchObject({ status: "past_due", status_cause: "payment", next_status: "suspended" });
  });

  await test.step("it is paid, and nothing is said any more", async () => {
    await page.getByRole("button", { name: "Pay now" }).click();
    await page.getByRole("button", { name: "Use a card that works" }).click();
    await page.getByRole("button", { name: /^Pay what is open/ }).click();
    await page.getByRole("link", { name: "Back" }).click();
    await home();
    await expect(bill.getByText("Paid", { exact: true })).toBeVisible();
    await expect(page.getByRole("alert")).toBeHidden();
    await expect(page.getByText("A payment is overdue", { exact: false })).toBeHidden();
    await picture(page, "9-recovered");
    expect((await account()).status).toBe("active");
  });

  await test.step("a smaller plan pauses what exceeds it, and a larger one brings it back", async () => {
    await api("PUT", "/v1/clock", { paused: false }); // what is paused and goes on does so by the clock
    const colleague = await org.invite("member");
    expect((await colleague.api("GET", "/v1/leads")).status).toBe(200);
    await open("/settings/usage");
    await page.getByRole("button", { name: "Change to Starter…" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("What exceeds the smaller plan is paused");
    await expect(dialog).toContainText("taken off the next invoice");
    await expect(dialog.getByRole("button", { name: /^Change to Starter, with .* back/ })).toBeEnabled();
    await picture(page, "10-downgrade");
    await dialog.getByRole("button", { name: /^Change to Starter/ }).click();
    await expect(dialog).toBeHidden();
    await expect(region("More than the plan allows")).toContainText("1 member has no access");
    await picture(page, "11-exceeded");
    await expect.poll(async () => (await colleague.api("GET", "/v1/leads")).status).toBe(401);
    await page.getByRole("button", { name: "Change to Growth…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: /^Change to Growth[, ]/ }).click();
    await expect(region("More than the plan allows")).toBeHidden();
    await expect.poll(async () => ((await api("GET", "/v1/members")).body.data as { seat_paused?: boolean }[]).some((m) => m.seat_paused)).toBe(false);
  });

  await test.step("it ends with what is paid for, and that is taken back", async () => {
    await open("/settings/billing");
    await page.getByRole("button", { name: "End with the paid period…" }).click();
    await picture(page, "12-end");
    await page.getByRole("dialog").getByRole("button", { name: /^End it on/ }).click();
    await expect(bill).toContainText("Ends on");
    await picture(page, "13-ending");
    await page.getByRole("button", { name: "Let it go on" }).click();
    await expect(bill).toContainText("Renews on");
    expect((await billing()).subscription.cancel_at_period_end).toBe(false);
  });

  await test.step("the operator sees plans with their prices, and that both sides agree", async () => {
    await page.goto(where.url + "/operator?tab=payments");
    await page.getByLabel("Platform key").fill(where.platformKey);
    await page.getByRole("button", { name: "Open" }).click();
    await expect(region("Plans").getByText("$299.00 a month")).toBeVisible();
    await page.getByRole("button", { name: "Compare now" }).click();
    await expect(page.getByText("The payment provider and we agree.")).toBeVisible();
    await picture(page, "14-operator");
  });

  expect(wrong).toEqual([]);
  await page.context().close();
});
