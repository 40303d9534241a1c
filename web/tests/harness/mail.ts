import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

/** Addresses are host:port; the resolver and the CA are for the server of the product. */
export type MailAddresses = { submissions: string; imaps: string; mx: string; admin: string; token: string; resolver: string; ca: string };

/** The domain whose records are as receivers want them; of others nothing is published. */
export const senderDomain = "acme.test";

/** Starts the lab's mail server and name server; they end when this process does. */
export async function startMailServer(binary: string, folder: string): Promise<MailAddresses & { stop: () => Promise<void> }> {
  const child = spawn(binary, ["mail-server", folder, "--domains", senderDomain], { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the mail server ended with ${code}`)));
  });
  return {
    ...(JSON.parse(line) as MailAddresses),
    stop: async () => {
      const gone = once(child, "exit");
      child.stdin.end();
      await gone;
    },
  };
}

export const mailAddresses = (): MailAddresses => JSON.parse(process.env.OUTRIDER_MAIL!) as MailAddresses;

const ask = async (path: string, init: RequestInit = {}) => {
  const a = mailAddresses();
  const r = await fetch(`http://${a.admin}${path}`, { ...init, headers: { Authorization: "Bearer " + a.token } });
  if (!r.ok) throw new Error(`the mail server answered ${r.status}: ${await r.text()}`);
  return r;
};

/** Makes accounts: of senders, and of people who are written to. */
export async function addAccounts(...all: { address: string; password: string }[]) {
  await ask("/accounts", { method: "POST", body: JSON.stringify(all) });
}

export type Mail = { raw: string; from: string; to: string; subject: string; messageID: string };

/** What is in an inbox, the oldest first. */
export async function inboxOf(address: string): Promise<Mail[]> {
  const raw = (await (await ask("/messages?address=" + encodeURIComponent(address))).json()) as string[];
  return raw.map((m) => {
    const head = m.slice(0, m.search(/\r?\n\r?\n/)).replace(/\r?\n[ \t]+/g, " ");
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
    return { raw: m.replaceAll("=\r\n", "").replaceAll("=3D", "="), from: field("From"), to: field("To"), subject: field("Subject"), messageID: field("Message-ID") };
  });
}

/** Waits until an inbox has so many. */
export async function mailsOf(address: string, n = 1): Promise<Mail[]> {
  for (let tries = 0; tries < 1200; tries++) {
    const found = await inboxOf(address);
    if (found.length >= n) return found;
    await pause(100);
  }
  throw new Error(`${address} didn't get ${n} messages`);
}

const bare = (address: string) => /<([^>]+)>/.exec(address)?.[1] ?? address;

/** Somebody answers a message, from their own server to the mailbox's; with HTML where their mail program makes it. */
export async function answer(to: Mail, from: string, text: string, html?: string) {
  const [host, port] = mailAddresses().mx.split(":");
  const socket = createConnection(Number(port), host);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expect = async (code: string) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done || !String(value).startsWith(code)) throw new Error(`the mail server said ${value} instead of ${code}`);
      if (String(value)[3] !== "-") return;
    }
  };
  const say = async (line: string, code: string) => {
    socket.write(line + "\r\n");
    await expect(code);
  };
  const mailbox = bare(to.from);
  const plain = "Content-Type: text/plain; charset=utf-8";
  const message = [
    `From: ${from}`,
    `To: ${to.from}`,
    `Subject: Re: ${to.subject}`,
    `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${crypto.randomUUID()}@${from.split("@")[1]}>`,
    `In-Reply-To: ${to.messageID}`,
    `References: ${to.messageID}`,
    "MIME-Version: 1.0",
    ...(html ? ['Content-Type: multipart/alternative; boundary="b"', "", "--b", plain, "", text, "--b", "Content-Type: text/html; charset=utf-8", "", html, "--b--"] : [plain, "", text]),
  ];
  await expect("220");
  await say("EHLO people.test", "250");
  await say(`MAIL FROM:<${from}>`, "250");
  await say(`RCPT TO:<${mailbox}>`, "250");
  await say("DATA", "354");
  await say(message.join("\r\n") + "\r\n.", "250");
  socket.end("QUIT\r\n");
}
