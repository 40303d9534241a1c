import { expect, test } from "vitest";
import { hitOf } from "./search";

test("what is found leads to the page that shows it", () => {
  const id = "01a2287d-3a52-74fb-a4b1-b099f39a41ed";
  expect(hitOf({ kind: "event", id, oseq: 12829, title: "Campaign launched." }).path).toBe("/history/12829");
  expect(hitOf({ kind: "thread", id, title: "Ann Lee" }).path).toBe("/inbox/all/" + id);
  expect(hitOf({ kind: "message", id, title: "" }).path).toBe("/history?subject=" + id);
});
