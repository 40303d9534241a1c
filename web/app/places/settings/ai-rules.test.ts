import { expect, test } from "vitest";
import { dollars } from "@/words/en/settings-ai";
import { draftsOf, microsOf, tasksIn, type Drafts } from "./ai-rules";

const none = { model: "", input: "", cached: "", output: "" };

test("amounts are millionths of a dollar, whole", () => {
  expect(["0.4", "0,15", "10", "0.000001", "", "-1", "1e3", "abc"].map(microsOf)).toEqual([400_000, 150_000, 10_000_000, 1, undefined, undefined, undefined, undefined]);
  expect([0, 240, 99_000, 1_234_567, 250_000_000].map(dollars)).toEqual(["$0.00", "$0.00024", "$0.099", "$1.23", "$250.00"]);
});

test("only tasks with a model are sent, with prices of one's own endpoint alone", () => {
  const d: Drafts = { extract: none, write: { model: " big ", input: "2", cached: "", output: "8" }, classify: { ...none, model: "small" } };
  expect(tasksIn(d, true)).toEqual([
    { task: "write", model: "big", price: { input: 2_000_000, cached: 2_000_000, output: 8_000_000 } },
    { task: "classify", model: "small" },
  ]);
  expect(tasksIn(d, false)[0]).toEqual({ task: "write", model: "big" });
});

test("the form begins with what was chosen", () => {
  const price = { input: 400_000, cached: 100_000, output: 1_600_000 };
  const s = { tasks: [{ task: "write", model: "big", chosen: true, price }, { task: "extract", model: "big", chosen: false, price }] } as Parameters<typeof draftsOf>[0];
  expect(draftsOf(s)).toEqual({ extract: none, write: { model: "big", input: "0.4", cached: "0.1", output: "1.6" }, classify: none });
});
