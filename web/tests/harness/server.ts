import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startMailServer, type MailAddresses } from "./mail";

export type Server = { url: string; platformKey: string; data: string; mail?: MailAddresses; startLink?: string; stop: () => Promise<void>; kill: () => Promise<void> };

const binary = join(import.meta.dirname, "../../../bin/outrider");

/**
 * Starts `outrider dev`, which ends when this process does (its lifeline is our end of its standard input). Resolves when it is ready. Its data
 * folder is a fresh one unless it is named; what it logs is in the folder's log.txt. A mail server stands beside it, unless it plays the demonstration,
 * which has its own.
 */
export async function startServer(o: { data?: string; listen?: string; demo?: boolean; onLink?: (link: string) => void } = {}): Promise<Server> {
  const own = !o.data;
  const data = o.data ?? mkdtempSync(join(tmpdir(), "outrider-web-"));
  const mail = o.demo ? undefined : await startMailServer(binary, join(data, "mail"));
  const args = ["dev", "--data", join(data, "data"), "--listen", o.listen ?? "127.0.0.1:0", "--json"];
  if (mail) args.push("--lifeline", "--mail-loopback", "--mail-ca", mail.ca, "--resolver", mail.resolver, "--poll", "1s");
  else args.push("--demo", "--no-browser");
  const log = openSync(join(data, "log.txt"), "a");
  const child = spawn(binary, args, { stdio: ["pipe", "pipe", o.demo ? "pipe" : log] });
  let startLink: string | undefined;
  if (child.stderr)
    createInterface({ input: child.stderr }).on("line", (line) => {
      const link = /http:\/\/\S+\/start#\S+/.exec(line)?.[0];
      if (link) o.onLink?.((startLink = link));
    });
  const ready = await new Promise<{ url: string; platform_key: string }>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once("line", (line) => resolve(JSON.parse(line)));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`outrider ended with ${code} before it was ready:\n${readFileSync(join(data, "log.txt"), "utf8").slice(-2000)}`)));
  });
  const end = async (signal: NodeJS.Signals, remove: boolean) => {
    await ended(child, signal);
    await mail?.stop();
    if (remove && own) rmSync(data, { recursive: true, force: true });
  };
  return { url: ready.url, platformKey: ready.platform_key, data: join(data, "data"), mail, startLink, stop: () => end("SIGTERM", true), kill: () => end("SIGKILL", false) };
}

function ended(child: ChildProcess, signal: NodeJS.Signals) {
  return new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

const mailsTo = (data: string, to: string) => {
  const folder = join(data, "mails");
  return readdirSync(folder)
    .sort()
    .map((f) => ({ file: join(folder, f), text: readFileSync(join(folder, f), "utf8").replaceAll("=\r\n", "").replaceAll("=3D", "=") }))
    .filter((m) => new RegExp(`^To: .*${to.replace(/[.+]/g, "\\$&")}`, "im").test(m.text));
};

/** The link of the newest mail to an address, in the folder into which dev writes the installation's own mail; undefined = none yet. */
export const mailedLink = (data: string, to: string) => mailsTo(data, to).at(-1)?.text.match(/https?:\/\/\S+#[\w.-]+/)?.[0];

export function removeMails(data: string, to: string) {
  for (const m of mailsTo(data, to)) rmSync(m.file);
}
