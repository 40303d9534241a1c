import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

// What scrolls sideways is a stop of the Tab key with a name, or nobody without a pointer sees its right half; ScrollRegion is both. A row of buttons is reached by them.
const ofButtons = ["app/places/inbox/scope-bar.tsx"];

test("what scrolls sideways is a ScrollRegion", () => {
  const wrong = ["app", "ui"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((name) => name.endsWith(".tsx") && !ofButtons.includes(name) && name !== "ui/scroll-region.tsx")
      .filter((name) => /<(div|section|nav)\b[^>]*overflow-x-auto/.test(readFileSync(join(root, name), "utf8"))),
  );
  expect(wrong).toEqual([]);
});
