import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sections } from "@/app/places/settings/sections";
import { detailed, inside, operator, outside } from "@/tests/harness/page-list";

const app = import.meta.dirname;
const read = (file: string) => readFileSync(join(app, file), "utf8");
const pathsIn = (source: string) => [...source.matchAll(/\bpath: "(\/[^"]*)"/g)].map((m) => m[1]!);
const known = new Set([...inside, ...outside].map(([, path]) => path.replace(/[?#].*/, "") || "/"));

// What isn't in these lists isn't looked at by axe, nor at 320 px, nor by a person.
test("every route of an organisation is among the pages that are looked at", () => {
  const routes = readdirSync(join(app, "places")).flatMap((place) => (place !== "operator" && existsSync(join(app, "places", place, "routes.ts")) ? pathsIn(read(`places/${place}/routes.ts`)) : []));
  expect(routes.length).toBeGreaterThan(30);
  expect(routes.filter((r) => !known.has(r) && !detailed.includes(r) && r !== "/settings/$section" && r !== "/inbox/$scope")).toEqual([]);
});

test("every section of the settings, every page outside and every tab of the operator is among them", () => {
  expect(sections.map((s) => "/settings/" + s.id).filter((p) => !known.has(p))).toEqual([]);
  const signs = [...read("routes.tsx").matchAll(/sign\("(\/[^"]*)"/g)].map((m) => m[1]!);
  expect(signs.filter((p) => !known.has(p))).toEqual([]);
  expect(/tabs = \[([^\]]*)\]/.exec(read("places/operator/routes.ts"))![1]!.split(",")).toHaveLength(operator.length);
});
