// Switches off one rule of the dashboard at a time, in what Vite serves, before the real server; the tests that are named must fail. A test that
// passes all the same is of no use, and so is a mutant whose text isn't found any more.
import { spawnSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const only = process.argv[2];

const mutants = [
  { name: "interval", file: "ui/rate.tsx", from: "value.low != null && value.high != null", to: "false", vitest: "ui/rate.test.ts" },
  { name: "small sample", file: "ui/rate.tsx", from: "value.of < 30 || ", to: "", vitest: "ui/rate.test.ts" },
  { name: "stale table", file: "live/stale.ts", from: "if (type.startsWith(prefix))", to: "if (false)", vitest: "live/stale.test.ts" },
  { name: "tab election", file: "live/live.ts", from: "if (navigator.locks) {", to: "if (false) {", playwright: "@election" },
  { name: "permission of places", file: "app/shell/rail.tsx", from: "!p.permission || me.permissions.includes(p.permission)", to: "true", playwright: "@roles" },
  { name: "permission", file: "app/session.tsx", from: "useSession().me.permissions.includes(permission)", to: "useSession() !== undefined || !permission", playwright: "@roles" },
  { name: "organisation of the tab", file: "live/live.ts", from: '"Outrider-Organization": org', to: '"X-Nothing": org', playwright: "two organisations" },
];

function runVitest(m) {
  const path = join(web, m.file);
  const before = readFileSync(path, "utf8");
  writeFileSync(path, mutate(m, before));
  try {
    return spawnSync("npx", ["vitest", "run", m.vitest], { cwd: web, encoding: "utf8" });
  } finally {
    writeFileSync(path, before);
  }
}

function mutate(m, code) {
  if (!code.includes(m.from)) throw new Error(`${m.name}: ${m.file} has no ${m.from}`);
  return code.replace(m.from, m.to);
}

async function runPlaywright(m, server) {
  const path = join(web, m.file);
  mutate(m, readFileSync(path, "utf8"));
  const vite = await createServer({
    root: web,
    logLevel: "error",
    plugins: [{ name: "mutant", enforce: "pre", transform: (code, id) => (id.split("?")[0] === path ? mutate(m, code) : undefined) }],
    server: { host: "127.0.0.1", port: 0, proxy: { "/v1": { target: server.url }, "/readyz": { target: server.url } } },
  });
  await vite.listen();
  const url = `http://127.0.0.1:${vite.httpServer.address().port}`;
  try {
    return await new Promise((resolve) => {
      const child = spawn("npx", ["playwright", "test", "--project", "pages", "--retries", "0", "--max-failures", "1", "--grep", m.playwright], {
        cwd: web,
        env: { ...process.env, OUTRIDER_URL: url, OUTRIDER_PLATFORM_KEY: server.platform_key, OUTRIDER_DATA: server.data, EXPECT_TIMEOUT: "15000" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let stdout = "";
      for (const s of [child.stdout, child.stderr]) s.on("data", (d) => (stdout += d));
      child.on("exit", (status) => resolve({ status, stdout }));
    });
  } finally {
    await vite.close();
  }
}

async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), "outrider-mutants-"));
  const child = spawn(join(web, "../bin/outrider"), ["dev", "--data", join(folder, "data"), "--listen", "127.0.0.1:0", "--json", "--lifeline"], { stdio: ["pipe", "pipe", openSync(join(folder, "log.txt"), "a")] });
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => reject(new Error("the server ended: see " + folder)));
  });
  const stop = async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...JSON.parse(line), stop };
}

const chosen = mutants.filter((m) => !only || m.name.includes(only));
const server = chosen.some((m) => m.playwright) ? await startServer() : undefined;
let alive = 0;
try {
  for (const m of chosen) {
    const r = m.vitest ? runVitest(m) : await runPlaywright(m, server);
    // a run without tests, or one that could not begin, has found nothing
    const ran = m.vitest ? /Tests .*failed/.test(r.stdout) : /\d+ failed/.test(r.stdout);
    const found = r.status !== 0 && ran;
    if (!found) alive++;
    console.log(`${found ? "found   " : "NOT FOUND"} ${m.name}${found ? "" : "\n" + r.stdout.slice(-1500)}`);
  }
} finally {
  await server?.stop();
}
console.log(`${chosen.length - alive} of ${chosen.length} mutants found`);
process.exitCode = alive ? 1 : 0;
