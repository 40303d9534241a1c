import { expect, test } from "vitest";
import { formOf, fullness, guessed, objections, ownName, pace, samples } from "./mapping";

const column = (name: string, field: string | undefined, values: string[]) => ({ name, field, values });

test("columns begin as the server would take them", () => {
  expect(guessed([column("Mail", "email", []), column("Note", undefined, [])])).toEqual({ Mail: "email", Note: "" });
});

test("an own field has a name of small letters, digits and _", () => {
  expect(ownName("E-Mail: Angezeigter Name")).toBe("e_mail_angezeigter_name");
  expect(ownName("Größe (m²)")).toMatch(/^[a-z0-9_]+$/);
  expect(ownName("Имя")).toBe("field");
});

test("samples are filled and differ", () => {
  const c = column("City", "city", ["", "Berlin", "Berlin", "Rome", "Oslo", "Bern"]);
  expect(samples(c)).toEqual(["Berlin", "Rome", "Oslo"]);
  expect(fullness(c)).toEqual({ filled: 5, of: 6 });
});

test("an address is needed, and a field has one column; tags may come from many", () => {
  const columns = [column("A", undefined, []), column("B", undefined, []), column("C", undefined, [])];
  expect(objections(columns, { A: "city", B: "city", C: "tags" })).toEqual({ noAddress: true, twice: [{ field: "city", columns: ["A", "B"] }] });
  expect(objections(columns, { A: "email", B: "tags", C: "tags" })).toEqual({ noAddress: false, twice: [] });
});

test("the form names what was chosen before the file, and says no blanks", () => {
  const form = formOf(new File(["x"], "a.csv"), { charset: "", delimiter: ";", header_row: "0" }, { mapping: { Mail: "email" }, options: { on_duplicate: "update", tags: " fair ", lawful_basis: "", time_zone: "", source: "" }, dryRun: true });
  expect([...form.keys()]).toEqual(["delimiter", "header_row", "dry_run", "mapping", "on_duplicate", "tags", "file"]);
  expect(form.get("tags")).toBe("fair");
});

test("time left is said when it can be known", () => {
  const seen = [{ rows: 0, at: 0 }, { rows: 1000, at: 1000 }];
  expect(pace(seen, 3000)).toEqual({ perSecond: 1000, left: 2 });
  expect(pace(seen)).toEqual({ perSecond: 1000, left: undefined });
  expect(pace([{ rows: 0, at: 0 }], 10)).toBeUndefined();
});
