// What the built dashboard weighs, gzip, against its budgets (dashboard's sizes in docs/dashboard.md). Ends with 1 where one is exceeded.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "../dist");
const assets = join(dist, "assets");
const files = new Map(readdirSync(assets).map((name) => [name, readFileSync(join(assets, name))]));
const kB = (names) => [...names].reduce((n, f) => n + (f.endsWith(".woff2") ? files.get(f).length : gzipSync(files.get(f), { level: 9 }).length), 0) / 1000;

/** A script with all that it imports at once. */
function closure(names) {
  const all = new Set(), todo = [...names];
  for (let f; (f = todo.pop()); ) {
    if (all.has(f)) continue;
    all.add(f);
    for (const m of files.get(f).toString().matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) if (files.has(m[1])) todo.push(m[1]);
  }
  return all;
}

const html = readFileSync(join(dist, "index.html"), "utf8");
const entry = closure([...html.matchAll(/assets\/([\w.-]+\.js)/g)].map((m) => m[1]));
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const chunkOf = (source) => basename(manifest[source]?.file ?? "");
const pages = Object.entries(manifest).filter(([source, c]) => c.isDynamicEntry && source.startsWith("app/places/"));
const shell = closure([...entry, chunkOf("app/shell/shell.tsx")]);
const first = closure([...shell, chunkOf("app/places/today/page.tsx")]);
const editorLibrary = /codemirror|EditorView/;

const rows = [
  ["JavaScript before the first page works", kB(first), 200],
  ["CSS", kB([...files.keys()].filter((f) => f.endsWith(".css"))), 25],
  ["fonts", kB([...files.keys()].filter((f) => f.endsWith(".woff2"))), 50],
];
const seen = new Set();
for (const [source, c] of pages) {
  const name = basename(c.file);
  if (seen.has(name)) continue;
  seen.add(name);
  const own = [...closure([name])].filter((f) => !shell.has(f));
  const editor = own.some((f) => editorLibrary.test(files.get(f)));
  rows.push([(editor ? "editor " : "page ") + source.replace("app/places/", ""), kB(own), editor ? 130 : 60]);
}
let over = 0;
for (const [what, size, most] of rows) {
  if (size > most) over++;
  console.log(`${size > most ? "OVER" : "ok  "} ${size.toFixed(1).padStart(7)} kB of ${String(most).padStart(3)}  ${what}`);
}
console.log(`${kB([...files.keys()].filter((f) => f.endsWith(".js"))).toFixed(1)} kB of JavaScript in all, in ${[...files.keys()].filter((f) => f.endsWith(".js")).length} files`);
process.exitCode = over ? 1 : 0;
