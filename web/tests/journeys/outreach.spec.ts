import { answer, inboxOf, mailAddresses, mailsOf } from "../harness/mail";
import { addLead, connectMailbox, draftCampaign, launch, makeSender, password } from "../harness/outreach";
import { expect, openPage, settled, test } from "../harness/test";

// Real mail: a mail server stands beside the server, with accounts of senders and of those who are written to.
test.describe.configure({ timeout: 900_000 });

const linkIn = (text: string, path: string) => new RegExp(`https?://[^\\s"<>]+/${path}/[^\\s"<>]+`).exec(text)?.[0];

test("from a mailbox to a meeting: connect, launch, first message, answer, reply, meeting, cancelled", async ({ page, open, org, where, browser }) => {
  const address = await makeSender();
  const { submissions, imaps } = mailAddresses();
  const ann = await addLead(org, "Ann");
  const { api } = org.owner;

  // The mailbox, with its checks one by one.
  await open("/mailboxes");
  await page.getByRole("button", { name: "Connect a mailbox" }).first().click();
  await page.getByLabel("Address", { exact: true }).fill(address);
  await page.getByLabel("Name of the sender").fill("Sam of Acme");
  await page.getByLabel("Password", { exact: true }).fill(password);
  for (const [group, at] of [["Sends by (SMTP)", submissions], ["Is read by (IMAP)", imaps]] as const) {
    const server = page.getByRole("group", { name: group });
    await server.getByLabel("Server").fill(at.split(":")[0]!);
    await server.getByLabel("Port").fill(at.split(":")[1]!);
  }
  await page.getByRole("button", { name: "Connect and check" }).click();
  await expect(page.getByRole("heading", { level: 1, name: address })).toBeVisible();
  for (const check of ["Reaches the sending server", "Signs in to send", "Sends a message to itself", "Signs in to read", "Reads that message back", "SPF, DKIM and DMARC of the domain"])
    await expect(page.getByRole("listitem").filter({ hasText: check }), check).toContainText("passed", { timeout: 300_000 });
  const box = page.url().match(/mailboxes\/([0-9a-f-]+)/)![1]!;
  await expect.poll(async () => (await api("GET", "/v1/mailboxes/" + box)).body.status).toMatch(/^(active|warming)$/);

  // The launch: every check passed, and the button says to how many.
  await api("PUT", "/v1/booking-hours", { window: { days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" }, slot_minutes: 30, notice_minutes: 0, days_ahead: 14 });
  const campaign = await draftCampaign(org, box);
  expect((await api("POST", `/v1/campaigns/${campaign}/enrollments`, { lead_ids: [ann.id] })).status).toBe(200);
  await open(`/campaigns/${campaign}/launch`);
  const ends = (await api("GET", `/v1/campaigns/${campaign}/forecast`)).body.finish;
  await expect(page.getByRole("listitem").filter({ hasText: ends.p10 && ends.p90 ? /in eight of ten cases, between .+ and .+\d/ : /If nobody answers, the last step leaves .+\d/ })).toBeVisible();
  await page.getByRole("button", { name: "Launch to 1 person" }).click();
  await expect(page).toHaveURL(/overview/);
  const [first] = await mailsOf(ann.email);
  expect(first!.from).toContain(address);
  expect(first!.subject).toBe("A question for Ann Works");
  expect(first!.raw).toContain("Acme GmbH, 1 Main Street");
  await page.getByRole("tab", { name: /Messages/ }).click();
  const messages = page.getByRole("grid", { name: "Messages" });
  await expect(messages.getByText("Sent", { exact: true })).toBeVisible();
  await expect(messages).toHaveAttribute("aria-rowcount", "2");

  // Small charts share a cursor, by the pointer and by keys; each says its own number of that day.
  await open();
  const charts = page.getByRole("region", { name: "Last 14 days" }).getByRole("slider");
  await expect(charts).toHaveCount(4);
  const said = () => charts.evaluateAll((all) => all.map((x) => x.getAttribute("aria-valuetext")!.split(": ")));
  await charts.nth(0).focus();
  await page.keyboard.press("End");
  const last = await said();
  expect(new Set(last.map(([day]) => day)).size, "one day").toBe(1);
  expect(last[0]![1], "sent on it").toBe("1");
  await page.keyboard.press("ArrowLeft");
  const dayBefore = await said();
  expect(new Set(dayBefore.map(([day]) => day)).size).toBe(1);
  expect(dayBefore[0]).not.toEqual(last[0]);
  await page.keyboard.press("Escape");
  expect((await said())[0]![0]).toMatch(/^Sent by day/);
  await charts.nth(2).hover({ position: { x: 2, y: 20 } });
  const firstDay = await said();
  expect(new Set(firstDay.map(([day]) => day)).size).toBe(1);
  expect(firstDay[0]![0]).not.toBe(last[0]![0]);

  // Her answer, with what it did; markup in it is only text.
  await answer(first!, ann.email, 'Sounds good, <img src=x onerror="window.hacked=1"> let us talk next week.');
  await open("/inbox");
  const thread = page.getByRole("region", { name: "Conversation", exact: true });
  await expect(thread.getByText(/Sounds good, <img src=x/).first()).toBeVisible({ timeout: 300_000 });
  expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();
  await expect(thread.getByText(/The sequence (was )?stopped/).first()).toBeVisible();

  // Ours goes out in the thread, after the time in which it can be taken back.
  await page.keyboard.press("r");
  await thread.getByRole("textbox").fill("Gladly. Tuesday?");
  await page.keyboard.press("Control+Enter");
  const [, ours] = await mailsOf(ann.email, 2);
  expect(ours!.raw).toContain("Gladly. Tuesday?");
  expect(ours!.raw).toMatch(/^In-Reply-To: /im);

  // She books by the link of the first message, without JavaScript, on a narrow screen.
  const link = linkIn(first!.raw, "b");
  expect(link, "the booking link").toBeTruthy();
  const visitor = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 700 }, locale: "en-GB" });
  const hers = await visitor.newPage();
  await hers.goto(link!);
  await hers.getByRole("radio").nth(3).check();
  await hers.getByRole("button", { name: "Go on with this time" }).click();
  await hers.getByLabel("Your name").fill("Ann Example");
  await hers.getByLabel(/Your e-mail/).fill(ann.email);
  await hers.getByRole("button", { name: "Book this time" }).click();
  await expect(hers.getByRole("heading", { name: "Your meeting is booked" })).toBeVisible();
  await visitor.close();

  await openPage(page, `${where.url}/o/${org.slug}/meetings`);
  const meetings = page.getByRole("grid");
  await expect(meetings.getByText("Ann Example")).toBeVisible();
  await expect.poll(async () => (await inboxOf(ann.email)).some((m) => /calendar/i.test(m.raw)), { timeout: 300_000 }).toBe(true);
  const before = (await inboxOf(ann.email)).length;
  await meetings.getByRole("button", { name: "Cancel…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel and tell Ann Example" }).click();
  await expect(meetings.getByText("Ann Example")).toHaveCount(0);
  await mailsOf(ann.email, before + 1);
  await page.getByRole("button", { name: /Cancelled/ }).click();
  await expect(page.getByRole("grid").getByText("Ann Example")).toBeVisible();

  // All of it is in the log.
  for (const t of ["mailbox.connected", "campaign.launched", "message.sent", "message.replied", "meeting.booked", "meeting.cancelled"])
    await expect.poll(async () => (await api("GET", "/v1/audit/events?limit=5&types=" + t)).body.data.length, { message: t }).toBeGreaterThan(0);
});

test("a mailbox whose password is wrong says which check failed and how to mend it, and then goes on", async ({ page, open, org }) => {
  const address = await makeSender();
  const { submissions, imaps } = mailAddresses();
  const server = (at: string) => ({ host: at.split(":")[0], port: Number(at.split(":")[1]), security: "tls", username: address, password: "wrong" });
  const made = await org.owner.api("POST", "/v1/mailboxes", { address, smtp: server(submissions), imap: server(imaps) });
  await open("/mailboxes/" + made.body.id);
  const signIn = page.getByRole("listitem").filter({ hasText: "Signs in to send" });
  await expect(signIn).toContainText("failed", { timeout: 300_000 });
  await expect(signIn).toContainText("Type the password again.");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Change the connection…" }).click();
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Save and check again" }).click();
  await expect(signIn).toContainText("passed", { timeout: 300_000 });
  await expect.poll(async () => (await org.owner.api("GET", "/v1/mailboxes/" + made.body.id)).body.status, { timeout: 300_000 }).toMatch(/^(active|warming)$/);
});

test("drafts wait until a person approves them, each leaves once, and the rejected one never", async ({ page, open, org }) => {
  const box = await connectMailbox(org);
  const campaign = await draftCampaign(org, box.id, { approval: "all" });
  const people = [await addLead(org, "Bob"), await addLead(org, "Cleo"), await addLead(org, "Dan")];
  await launch(org, campaign, people);
  const drafts = async () => (await org.owner.api("GET", "/v1/messages?state=drafted&include=total,lead")).body as { total: number; data: { id: string; lead_id: string }[] };
  await expect.poll(async () => (await drafts()).total, { timeout: 300_000 }).toBe(3);
  for (const p of people) expect(await inboxOf(p.email), "nothing leaves by waiting").toHaveLength(0);

  await open();
  await expect(page.getByRole("link", { name: /3 drafts to approve/ })).toBeVisible();
  await page.getByRole("link", { name: /3 drafts to approve/ }).click();
  await settled(page);
  await expect(page).toHaveURL(/approvals/);
  await expect(page.getByRole("button", { name: "Reject", exact: true })).toBeVisible();
  await page.keyboard.press("x");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Reject/ }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(async () => (await drafts()).total).toBe(2);
  await settled(page);
  await page.keyboard.press("a");
  await expect.poll(async () => (await drafts()).total).toBe(1);
  await settled(page);
  await page.keyboard.press("a");
  await expect.poll(async () => (await drafts()).total).toBe(0);
  await expect.poll(async () => (await Promise.all(people.map((p) => inboxOf(p.email)))).filter((x) => x.length === 1).length, { timeout: 300_000 }).toBe(2);
  const rejected = (await org.owner.api("GET", `/v1/messages?campaign_id=${campaign}&state=cancelled&include=total`)).body;
  expect(rejected.total).toBe(1);
  const who = people.find((p) => p.id === rejected.data[0].lead_id)!;
  expect(await inboxOf(who.email)).toHaveLength(0);
  await expect(page.getByText("No draft waits for you.")).toBeVisible();
});

test("who unsubscribes gets nothing more: the page changes nothing until its button is pressed, and a second time says so kindly", async ({ org, browser, page, open }) => {
  const box = await connectMailbox(org);
  const campaign = await draftCampaign(org, box.id);
  const eve = await addLead(org, "Eve");
  await launch(org, campaign, [eve]);
  const [mail] = await mailsOf(eve.email);
  const link = linkIn(mail!.raw, "u");
  expect(link, "the link to unsubscribe").toBeTruthy();
  const visitor = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 600 }, locale: "en-GB" });
  const hers = await visitor.newPage();
  for (let n = 0; n < 2; n++) await hers.goto(link!); // as a scanner does
  const suppressed = async () => (await org.owner.api("GET", "/v1/leads/" + eve.id)).body.suppressed as boolean;
  expect(await suppressed()).toBe(false);
  expect(await hers.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await hers.getByRole("button", { name: "Unsubscribe" }).click();
  await expect(hers.getByRole("heading", { level: 1 })).toBeVisible();
  await expect.poll(suppressed).toBe(true);
  await hers.goto(link!);
  await expect(hers.getByRole("heading", { level: 1 })).toBeVisible();
  await hers.goto(link!.slice(0, -6) + "AAAAAA");
  expect(await hers.content()).not.toContain(eve.email);
  await visitor.close();
  await open("/leads/" + eve.id);
  await expect(page.getByText(/^Nothing is sent/)).toBeVisible();
});
