import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { answer, mailsOf } from "../harness/mail";
import { addLead, connectMailbox, draftCampaign, launch } from "../harness/outreach";
import { expect, test } from "../harness/test";

test.describe.configure({ timeout: 900_000 });

const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

test("a mail's images are asked for by a button, by the server, and say nothing of who looks", async ({ page, open, org, where }) => {
  // Their server.
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const theirs = createServer((request, response) => {
    asked.push({ url: request.url!, headers: request.headers });
    response.setHeader("Set-Cookie", "who=sam");
    response.end(pixel);
  });
  theirs.listen(0, "127.0.0.1");
  await once(theirs, "listening");
  const logo = `http://127.0.0.1:${(theirs.address() as AddressInfo).port}/logo.png?for=ann`;

  const box = await connectMailbox(org);
  const ann = await addLead(org, "Ann");
  const campaign = await draftCampaign(org, box.id);
  await launch(org, campaign, [ann]);
  const [first] = await mailsOf(ann.email);
  const ours = /https?:\/\/[^\s"<>]+\/u\/[^\s"<>]+/.exec(first!.raw)![0];
  await answer(first!, ann.email, "Gladly.", `<p>Gladly, <a href="${ours}">stop</a></p><img src="${logo}" alt="Ann Works" width="90" height="30"><img src="${ours.replace("/u/", "/t/o/")}"><img src="cid:inside">`);

  await open("/inbox");
  const thread = page.getByRole("region", { name: "Conversation", exact: true });
  await thread.getByRole("button", { name: "Show as laid out" }).click({ timeout: 300_000 });
  const frame = thread.frameLocator("iframe");
  await expect(frame.getByText("Gladly, stop")).toBeVisible();
  await expect(frame.getByText("Ann Works"), "what the image says").toBeVisible();
  await expect(frame.locator("img")).toHaveCount(0);
  await expect(frame.locator("a[href]"), "a link of ours").toHaveCount(0);
  expect(asked, "before anybody asked").toEqual([]);

  const fetched = page.waitForResponse((r) => r.url().includes("/v1/inbox/images/"));
  await thread.getByRole("button", { name: "Show 1 image" }).click();
  const image = frame.getByRole("img", { name: "Ann Works" });
  await expect(image).toBeVisible();
  const response = await fetched;
  expect(response.status()).toBe(200);
  expect(await response.headerValue("set-cookie")).toBeNull();
  expect(await response.request().headerValue("cookie"), "the frame is of no origin").toBeNull();
  await expect.poll(() => image.evaluate((i: HTMLImageElement) => [i.complete, i.naturalWidth])).toEqual([true, 1]);
  expect(asked).toHaveLength(1);
  expect(asked[0]!.url).toBe("/logo.png?for=ann");
  expect(Object.keys(asked[0]!.headers).filter((name) => !["accept", "connection", "host", "user-agent"].includes(name)), "said of who looks").toEqual([]);
  expect(asked[0]!.headers["user-agent"]).not.toMatch(/Chrome|Outrider/);
  const address = await image.getAttribute("src");
  expect(address).toMatch(/^\/v1\/inbox\/images\/[\w-]+$/);
  expect(address, "nobody reads in it what it shows").not.toContain(Buffer.from(logo).toString("base64url").slice(4, 20));

  // Hidden again, and not shown where the next mail is opened.
  await thread.getByRole("button", { name: "Hide images" }).click();
  await expect(frame.locator("img")).toHaveCount(0);
  await thread.getByRole("button", { name: "Show 1 image" }).click();
  await expect(image).toBeVisible();
  await page.reload();
  await thread.getByRole("button", { name: "Show as laid out" }).click();
  await expect(frame.getByText("Gladly, stop")).toBeVisible();
  await expect(frame.locator("img")).toHaveCount(0);

  // The address is all that it takes, from wherever, and it is worth nothing once it is changed.
  expect((await fetch(where.url + address!)).status).toBe(200);
  expect((await fetch(where.url + address!.slice(0, -4) + "AAAA")).status).toBe(404);
  const opens = (await org.owner.api("GET", "/v1/messages?campaign_id=" + campaign)).body.data as { opens?: number; state: string }[];
  expect(opens.every((m) => !m.opens), "looking counts as nothing").toBe(true);
  theirs.close();

  // How long an answer can be taken back is each person's own choice, where they make one.
  const preferences = async () => (await org.owner.api("GET", "/v1/me/preferences")).body.values as { reply_undo_seconds?: number };
  await open("/settings/profile");
  const choice = page.getByLabel("Your answers can be taken back");
  await expect(choice.locator("option:checked")).toHaveText("As the organisation has it: for 10 seconds");
  await choice.selectOption({ label: "for 60 seconds" });
  await expect.poll(async () => (await preferences()).reply_undo_seconds).toBe(60);
  await open("/inbox");
  await expect(thread.getByText("It can be taken back for 60 seconds.")).toBeVisible();
  await page.keyboard.press("r");
  await thread.getByRole("textbox").fill("Gladly. Tuesday?");
  const id = page.url().split("/").at(-1)!;
  await page.keyboard.press("Control+Enter");
  type Item = { reply?: { undo_until: string; created_at: string } };
  const reply = async () => ((await org.owner.api("GET", "/v1/inbox/" + id)).body.items as Item[]).at(-1)!.reply;
  await expect.poll(async () => !!(await reply())).toBe(true);
  const { undo_until, created_at } = (await reply())!;
  expect(Math.round((Date.parse(undo_until) - Date.parse(created_at)) / 1000)).toBe(60);
  await open("/settings/profile");
  await choice.selectOption({ index: 0 });
  await expect.poll(async () => "reply_undo_seconds" in (await preferences())).toBe(false);
});
