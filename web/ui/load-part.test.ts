import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isNotFetched, loadEarly, loadPart, type World } from "./load-part";

const gone = new TypeError("Failed to fetch dynamically imported module: http://127.0.0.1/assets/list-1.js");

/** Whether the server can be reached, in turn; then it can. */
function world(...reachable: boolean[]) {
  const reloads: string[] = [];
  const w = { pauses: 0, reloads, online: () => true, reachable: async () => reachable.shift() ?? true, reload: (why: string) => !reloads.includes(why) && !!reloads.push(why), pause: async () => void w.pauses++ };
  return w satisfies World;
}

function failing(times: number, e: Error = gone) {
  const load = async () => {
    load.asked++;
    if (times-- > 0) throw e;
    return "here";
  };
  load.asked = 0;
  return load;
}

test("without a network nothing is asked for until it is back", async () => {
  const w = world();
  const load = failing(0);
  let left = 3;
  w.online = () => left-- <= 0;
  expect(await loadPart(load, w)).toBe("here");
  expect([w.pauses, load.asked, w.reloads.length]).toEqual([3, 1, 0]);
});

test("a part that can't be fetched is waited for until the server can be reached, and the page isn't loaded anew", async () => {
  const w = world(false, false, false);
  expect(await loadPart(failing(1), w)).toBe("here");
  expect([w.pauses, w.reloads.length]).toEqual([3, 0]);
});

test("a part that failed for good has the page loaded anew, once", async () => {
  const w = world(false);
  const reloaded = new Promise<void>((done) => {
    const { reload } = w;
    w.reload = (why) => (done(), reload(why));
  });
  void loadPart(failing(9), w);
  await reloaded;
  expect(w.pauses).toBe(1);
  await expect(loadPart(failing(9), w)).rejects.toBe(gone);
  expect(w.reloads).toHaveLength(1);
});

test("a mistake of the part is no reason to wait", async () => {
  const mistake = new TypeError("x is not a function");
  const w = world();
  await expect(loadPart(failing(1, mistake), w)).rejects.toBe(mistake);
  expect([w.pauses, w.reloads.length]).toEqual([0, 0]);
});

test("what is loaded before it is wanted may fail, and isn't asked for without a network", async () => {
  const w = world();
  const load = failing(1);
  loadEarly(load, w);
  w.online = () => false;
  loadEarly(load, w);
  await Promise.resolve();
  expect([load.asked, w.reloads.length]).toEqual([1, 0]);
});

test("browsers say it in words of their own", () => {
  for (const m of ["Failed to fetch dynamically imported module: x", "error loading dynamically imported module: x", "Importing a module script failed."]) expect(isNotFetched(new TypeError(m))).toBe(true);
});

test("every part is loaded so", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const bare: string[] = [];
  for (const dir of ["app", "ui", "live", "keys", "api"])
    for (const f of readdirSync(join(root, dir), { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(f) || /\.test\.ts$|schema\.d\.ts$/.test(f)) continue;
      for (const m of readFileSync(join(root, dir, f), "utf8").matchAll(/(.{0,20})\bimport\("/g)) if (!m[1]!.match(/load(Part|Early)\(\(\) => $/) && !/typeof $/.test(m[1]!)) bare.push(join(dir, f));
    }
  expect(bare).toEqual([]);
});
