// A client of Brave's Search API works with the stand-in, and its types fit what the stand-in answers. One line of JSON says what it saw.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const modules = process.env.BRAVELIKE_MODULES;
const { BraveSearch } = createRequire(modules + "/")("brave-search");
const clientOf = (key) => Object.assign(new BraveSearch(key), { baseUrl: process.env.BRAVELIKE_URL + "/res/v1" });

const brave = clientOf("secret");
const found = await brave.webSearch("Alder Foods", { count: 2, country: "de", result_filter: "web", spellcheck: false, text_decorations: false });
const none = await brave.webSearch("Nobody at all", { count: 2 });

const failure = async (run) => {
  try {
    await run();
    return "";
  } catch (e) {
    return [e.name, e.message.split(":")[0], e.responseData.error.code];
  }
};
const badKey = await failure(() => clientOf("wrong").webSearch("Alder"));
const tooMany = await failure(() => brave.webSearch("Alder", { count: 21 }));
const busy = await failure(() => brave.webSearch("busy")); // the stand-in was told to be, from the third search on

// what the client's types say that an answer has, checked by the compiler
const at = mkdtempSync(join(tmpdir(), "bravelike-"));
let typed = "";
try {
  symlinkSync(join(modules, "node_modules"), join(at, "node_modules"));
  writeFileSync(join(at, "answers.ts"), `import type { WebSearchApiResponse } from "brave-search/dist/types";\nexport const answers: WebSearchApiResponse[] = ${JSON.stringify([found, none])};\n`);
  execFileSync("node", [join(modules, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", "--module", "commonjs", "--moduleResolution", "node10", join(at, "answers.ts")], { encoding: "utf8" });
} catch (e) {
  typed = e.stdout || String(e);
} finally {
  rmSync(at, { recursive: true });
}

console.log(JSON.stringify({ type: found.type, asked: found.query.original, country: found.query.country, urls: found.web.results.map((r) => r.url), none: none.web.results.length, badKey, tooMany, busy, typed }));
