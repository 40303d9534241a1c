import { randomUUID } from "node:crypto";
import { test as base } from "@playwright/test";
import { linkTo, makeOrganization } from "../harness/people";
import { removeMails } from "../harness/server";
import { expect, settled, test, where, watchErrors } from "../harness/test";

base("somebody signs up by the link in their mail, signs out, and signs in again @short", async ({ page }) => {
  const wrong = watchErrors(page);
  const email = `ann-${randomUUID()}@example.com`;
  await page.goto(where().url + "/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByRole("link", { name: "Sign up" }).click();
  await page.getByLabel("Name of the organisation").fill("Analytical Engines");
  await page.getByLabel("First name").fill("Ann");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create it" }).click();
  await expect(page.getByRole("heading", { name: "A mail is on its way." })).toBeVisible();
  await page.goto(await linkTo(where(), email));
  await page.getByRole("button", { name: "Confirm and sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Today" })).toBeVisible();
  await settled(page);
  await expect(page).toHaveTitle("Today · Analytical Engines · Outrider");

  await page.getByRole("button", { name: "You", exact: true }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/.+/);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Today" })).toBeVisible();
  expect(wrong).toEqual([]);
});

test("who isn't signed in comes back to where they wanted to go", async ({ browser, where, org }) => {
  const page = await browser.newPage();
  await page.goto(`${where.url}/o/${org.slug}/settings`);
  await expect(page).toHaveURL(/\/signin\?next=/);
  await page.getByLabel("E-mail").fill(org.owner.email);
  await page.getByLabel("Password").fill(org.owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(new RegExp(`/o/[^/]+/settings`));
  await page.close();
});

test("a session that was ended elsewhere leads to the sign-in, and a page of nobody's organisation shows nothing of it @short", async ({ page, org, open, browser, where }) => {
  await open();
  const stranger = await browser.newPage();
  await stranger.goto(`${where.url}/o/${org.slug}`);
  await expect(stranger.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(await stranger.content()).not.toContain(org.name);
  await stranger.close();
  expect((await org.owner.api("POST", "/v1/auth/sign-out-everywhere", {})).status).toBeLessThan(300);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("who is invited joins by the link in their mail, new or known, and nobody else does @short", async ({ page, org, browser, where }) => {
  const invite = async (email: string) => {
    removeMails(where.data, email);
    expect((await org.owner.api("POST", "/v1/invitations", { email, role: "member" })).status).toBeLessThan(300);
    return linkTo(where, email);
  };
  const other = await makeOrganization(where);
  const toKnown = await invite(other.owner.email);
  const mia = await invite(`mia-${randomUUID()}@example.com`);
  await page.goto(mia);
  await expect(page.getByText(`You are signed in as ${org.owner.email}.`)).toBeVisible();
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByRole("alert")).toContainText("m***@example.com");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("First name").fill("Mia");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Today" })).toBeVisible();
  await expect(page).toHaveTitle(`Today · ${org.name} · Outrider`);

  const known = await browser.newPage();
  await known.goto(toKnown);
  await known.getByRole("link", { name: "Sign in" }).click();
  await known.getByLabel("E-mail").fill(other.owner.email);
  await known.getByLabel("Password").fill(other.owner.password);
  await known.getByRole("button", { name: "Sign in" }).click();
  await known.getByRole("button", { name: "Accept" }).click();
  await expect(known).toHaveTitle(`Today · ${org.name} · Outrider`);
  await known.close();
});
