// Switches off one rule of the dashboard at a time, in what Vite serves, before the real server; the tests that are named must fail. A test that
// passes all the same is of no use, and so is a mutant whose text isn't found any more. Before that they must pass as they are: a test that fails in
// any case finds nothing.
import { spawnSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, runnerImport } from "vite";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const only = process.argv[2];

const mutants = [
  { name: "interval", file: "ui/rate.tsx", from: "value.low != null && value.high != null", to: "false", vitest: "ui/rate.test.ts" },
  { name: "small sample", file: "ui/rate.tsx", from: "value.of < 30 || ", to: "", vitest: "ui/rate.test.ts" },
  { name: "stale table", file: "live/stale.ts", from: "if (type.startsWith(prefix))", to: "if (false)", vitest: "live/stale.test.ts" },
  { name: "zone of what is typed", file: "app/zone.ts", from: "return new Date(utc - ahead(guess))", to: "return new Date(utc)", vitest: "app/zone.test.ts" },
  { name: "list of a number", file: "app/places/today/places.ts", from: "...rest } = list.query", to: "...rest_ } = list.query, rest = {} as typeof rest_", vitest: "app/places/today/feed.test.ts" },
  { name: "period of a line", file: "app/places/today/feed.ts", from: "&from=${encodeURIComponent(g.from)}", to: "", vitest: "app/places/today/feed.test.ts" },
  { name: "drill-down by type", file: "app/places/history/model.ts", from: "{ type: s.type }", to: "{}", playwright: "history of one thing" },
  { name: "drill-down by status", file: "app/places/leads/filters.ts", from: "outreach_status: one(s.outreach_status, statuses),", to: "", vitest: "app/places/leads/leads.test.ts" },
  { name: "If-Match of steps", file: "app/places/campaigns/actions.ts", from: '"If-Match": `"${version}"`', to: "", playwright: "two people change at once" },
  { name: "If-Match of a person", file: "app/places/leads/edit.tsx", from: '"If-Match": `"${a.version}"`', to: '"If-Match": "*"', playwright: "edited by two at once" },
  { name: "failed checks stop a launch", file: "app/places/campaigns/launch.tsx", from: "why={failed > 0 ? c.toMend(failed) :", to: "why={", playwright: "a first campaign: steps" },
  { name: "the past can't be changed", file: "app/shell/time-machine.tsx", from: "return (useSearch({ strict: false }) as { at?: string }).at;", to: "return undefined;", playwright: "@past" },
  { name: "the past stays while one looks around", file: "app/routes.tsx", from: "retainSearchParams([\"at\"])", to: "", playwright: "@past" },
  { name: "what is typed is kept", file: "app/draft.ts", from: "localStorage.getItem(name) ?? undefined", to: "undefined", playwright: "@draft" },
  { name: "the same key with a repeat", file: "app/query.ts", from: "return withRetry(() => o.run(args, headers));", to: 'return withRetry(() => o.run(args, { "Idempotency-Key": crypto.randomUUID() }));', playwright: "@retry" },
  { name: "tab election", file: "live/live.ts", from: "if (navigator.locks) {", to: "if (false) {", playwright: "@election" },
  { name: "permission of places", file: "app/shell/rail.tsx", from: "!p.permission || me.permissions.includes(p.permission)", to: "true", playwright: "@roles" },
  { name: "permission", file: "app/session.tsx", from: "useSession().me.permissions.includes(permission)", to: "useSession() !== undefined || !permission", playwright: "@roles" },
  { name: "columns of a person", file: "app/table-layout.ts", from: "void setPreferences({ tables: all });", to: "", playwright: "@columns" },
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
  const mutant = { name: "mutant", enforce: "pre", transform: (code, id) => (id.split("?")[0] === path ? mutate(m, code) : undefined) };
  return playwright(server, [mutant], ["--max-failures", "1", "--grep", m.playwright]);
}

async function playwright(server, plugins, args) {
  const vite = await createServer({
    root: web,
    logLevel: "error",
    plugins,
    server: { host: "127.0.0.1", port: 0, proxy: config.proxyTo(server.url) },
  });
  await vite.listen();
  const url = `http://127.0.0.1:${vite.httpServer.address().port}`;
  try {
    return await new Promise((resolve) => {
      const child = spawn("npx", ["playwright", "test", "--project", "pages", "--retries", "0", ...args], {
        cwd: web,
        env: { ...process.env, OUTRIDER_URL: url, OUTRIDER_PLATFORM_KEY: server.platformKey, OUTRIDER_DATA: server.data, OUTRIDER_MAIL: JSON.stringify(server.mail), EXPECT_TIMEOUT: "30000" },
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

// The server, its mail server and the proxy are those of the tests and of `npm run dev`.
const { module: harness } = await runnerImport(join(web, "tests/harness/server.ts"), { root: web, configFile: false });
const { module: config } = await runnerImport(join(web, "vite.config.ts"), { root: web, configFile: false });

const chosen = mutants.filter((m) => !only || m.name.includes(only));
const named = (by) => [...new Set(chosen.map((m) => m[by]).filter(Boolean))];
const server = named("playwright").length ? await harness.startServer() : undefined;
let alive = 0;

function mustPass(r) {
  if (r.status !== 0) throw new Error("the tests fail without a mutant:\n" + r.stdout.slice(-3000));
}

try {
  if (named("vitest").length) mustPass(spawnSync("npx", ["vitest", "run", ...named("vitest")], { cwd: web, encoding: "utf8" }));
  if (server) mustPass(await playwright(server, [], ["--grep", named("playwright").join("|")]));
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
