import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Rate, type RateValue } from "./rate";

const text = (value: RateValue) => renderToStaticMarkup(createElement(Rate, { value, denominator: "sent" })).replace(/<[^>]+>/g, "");

test("a rate stands with its counts, its denominator and its interval", () => {
  expect(text({ count: 56, of: 2839, rate: 0.0197, low: 0.0152, high: 0.0255 })).toMatch(/2\.0 % \(56 of 2,839 sent\), between 1\.5 and 2\.6 %/);
});

test("a small sample shows counts only", () => {
  expect(text({ count: 2, of: 14, rate: 0.1429, low: 0.04, high: 0.4 })).toBe("2 of 14 sent");
});
