import { expect, test } from "vitest";
import { changed } from "./layouts";
import { tracks } from "@/ui/table-head";

test("what is as at first isn't kept, and the other tables stay", () => {
  const before = { leads: { cols: ["name"], widths: { name: 200 } }, campaigns: { widths: { name: 90 } } };
  expect(changed(before, "leads", { widths: {} })).toEqual({ leads: { cols: ["name"] }, campaigns: { widths: { name: 90 } } });
  expect(changed(before, "campaigns", { widths: {} })).toEqual({ leads: before.leads });
  expect(changed(before, "people", { cols: undefined })).toEqual(before);
});

test("a width that was drawn stands for that of the column, and the table is as wide as its columns need", () => {
  const columns = [
    { id: "name", width: "minmax(10rem,1.4fr)" },
    { id: "when", width: "7rem" },
  ];
  expect(tracks(columns, { when: 90 }, true)).toEqual({ template: "2.25rem minmax(10rem,1.4fr) 90px", least: "max(100%, calc(2.25rem + 10rem + 90px + 3rem))" });
});
