import { expect, test } from "vitest";
import { addDays, byDay, dayIn, daysOf, maySettle, rowsOf, span, type Figures, type Report } from "./model";

const rate = (count: number, of: number) => ({ count, of, denominator: "delivered" as const, rate: count / of, low: 0, high: 1 });
const figures = (sent: number, opens: number, machines: number): Figures =>
  ({ emails_sent: sent, open_rate: rate(opens, sent), machine_opens: rate(machines, sent), reply_rate: rate(1, sent) }) as unknown as Figures;
const report = (id: string, days: [string, number, number, number][]): Report =>
  ({ ...figures(10, 1, 2), campaign_id: id, steps: [{ ...figures(6, 1, 1), step_id: "s", step: 1 }], variants: [1, 2].map((n) => ({ ...figures(3, 1, 1), step_id: "s", step: 1, variant_id: "v" + n })), timeline_data: days.map(([day, a, b, c]) => ({ ...figures(a, b, c), day })) }) as unknown as Report;

test("counts of days are added over campaigns, people and machines apart", () => {
  const r = [report("a", [["2026-03-01", 5, 2, 9]]), report("b", [["2026-03-01", 4, 1, 1], ["2026-03-02", 1, 0, 0]])];
  expect(byDay(r, "open").get("2026-03-01")).toEqual([3, 10]);
  expect(byDay(r, "sent").get("2026-03-01")).toEqual([9]);
  expect(byDay(r, "sent").get("2026-03-02")).toEqual([1]);
});

test("a period has all its days, in the organisation's zone", () => {
  expect(span("w", "2026-03-01")).toEqual({ from: "2026-02-23", to: "2026-03-01" });
  expect(daysOf("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(dayIn(new Date("2026-03-01T23:30:00Z"), "Europe/Berlin")).toBe("2026-03-02");
});

test("rows are named by their campaign only where there are several", () => {
  expect(rowsOf([{ report: report("a", []), name: "Spring" }], "variant", String).map((r) => r.name)).toEqual(["Step 1, variant A", "Step 1, variant B"]);
  expect(rowsOf([{ report: report("a", []), name: "Spring" }, { report: report("b", []), name: "Fall" }], "step", String)[0]!.name).toContain("Spring");
});

test("a day can change for 72 hours after its end", () => {
  expect(maySettle("2026-03-01", new Date("2026-03-04T23:00:00Z"))).toBe(true);
  expect(maySettle("2026-03-01", new Date("2026-03-05T01:00:00Z"))).toBe(false);
});
