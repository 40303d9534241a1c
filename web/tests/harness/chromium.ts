import { existsSync } from "node:fs";

// The distribution's Chromium where it is installed; else the one of npm, which brings the libraries that it needs when it believes to be in a
// Lambda. Its own arguments aren't used: --single-process fails with several contexts, and web security would be off.
const installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => existsSync(p));

async function fromNpm() {
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
  const { default: npm } = await import("@sparticuz/chromium");
  return npm.executablePath();
}

export const chromium = {
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? installed ?? (await fromNpm()),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
  },
};
