import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

// Contrasts are computed from the tokens as they stand in styles.css (WCAG 2.2: text 4.5, controls, focus and marks of charts 3.0).
const css = readFileSync(new URL("./styles.css", import.meta.url), "utf8");

function tokensOf(selector: string) {
  const from = css.indexOf(selector + " {");
  const block = css.slice(from, css.indexOf("}", from));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)].map((m) => [m[1]!, m[2]!]));
}

function luminance(hex: string) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string) {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

const surfaces = ["surface-0", "surface-1", "surface-2"];
const texts: [string, string[]][] = [
  ["text-1", surfaces],
  ["text-2", surfaces],
  ["text-3", surfaces],
  ["accent-text", [...surfaces, "accent-soft"]],
  ["on-accent", ["accent"]],
  ["good", ["surface-0", "surface-1", "good-soft"]],
  ["warn", ["surface-0", "surface-1", "warn-soft"]],
  ["bad", ["surface-0", "surface-1", "bad-soft"]],
];
const marks = ["control", "accent", "sent", "machines", "click", "meeting", "good", "bad"];

test("the formula is that of WCAG", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

describe.each([
  ["light", tokensOf(":root")],
  ["dark", tokensOf(':root[data-theme="dark"]')],
])("%s", (_, tokens) => {
  test.each(texts.flatMap(([text, on]) => on.map((s) => [text, s])))("%s on %s can be read", (text, on) => {
    expect(contrast(tokens[text!]!, tokens[on!]!)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(marks.flatMap((m) => surfaces.map((s) => [m, s])))("%s on %s can be seen", (mark, on) => {
    expect(contrast(tokens[mark!]!, tokens[on!]!)).toBeGreaterThanOrEqual(3);
  });
});
