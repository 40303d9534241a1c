import { expect, test } from "vitest";
import { addDays, axisOf, columnsOf, csvLine, csvOf, dayIn, daysOf, daysShown, formatMoney, listOf, maySettle, mondayOf, narrowed, scheduleOf, span, tellsCost, together, type Result } from "./model";

test("a period has all its days, in the organisation's zone, and a long one its weeks", () => {
  expect(span("w", "2026-03-01")).toEqual({ from: "2026-02-23", to: "2026-03-01" });
  expect(daysOf("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(dayIn(new Date("2026-03-01T23:30:00Z"), "Europe/Berlin")).toBe("2026-03-02");
  expect([mondayOf("2026-03-01"), mondayOf("2026-03-02")]).toEqual(["2026-02-23", "2026-03-02"]);
  expect([axisOf("2026-03-01", "2026-03-28"), axisOf("2025-03-01", "2026-03-01")]).toEqual(["day", "week"]);
});

test("days that somebody has chosen come before a period, unless they are turned round", () => {
  expect(daysShown({}, "2026-03-28")).toEqual({ from: "2026-03-01", to: "2026-03-28" });
  expect(daysShown({ from: "2026-03-05", to: "2026-03-09", period: "y" }, "2026-03-28")).toEqual({ from: "2026-03-05", to: "2026-03-09" });
  expect(daysShown({ from: "2026-03-05", period: "d" }, "2026-03-28")).toEqual({ from: "2026-03-05", to: "2026-03-28" });
  expect(daysShown({ from: "2026-03-20", to: "2026-03-09", period: "d" }, "2026-03-28")).toEqual({ from: "2026-03-09", to: "2026-03-09" });
});

test("a day can change for 72 hours after its end, in any zone", () => {
  expect(maySettle("2026-03-01", new Date("2026-03-05T11:00:00Z"))).toBe(true);
  expect(maySettle("2026-03-01", new Date("2026-03-05T13:00:00Z"))).toBe(false);
});

test("people and machines stand side by side, and the table begins with what is looked at", () => {
  expect(together("opened")).toEqual(["opened", "machine_opened"]);
  expect(columnsOf("replied", "person").slice(0, 2)).toEqual(["replied", "sent"]);
  expect(columnsOf("delivered", "message")[0]).toBe("delivered");
  expect(new Set(columnsOf("bounced", "message")).size).toBe(columnsOf("bounced", "message").length);
  for (const m of ["replied", "bounced", "clicked"] as const) expect(columnsOf(m, "message")).toContain("sent");
});

test("a figure's list is asked for as the server says", () => {
  const where = JSON.stringify({ country: ["Perú & more"] });
  expect(listOf("/v1/analytics/drill?" + new URLSearchParams({ metric: "replied", unit: "person", from: "2026-03-01", to: "2026-03-08", where }))).toMatchObject({ metric: "replied", unit: "person", from: "2026-03-01", where: { country: ["Perú & more"] } });
  expect(listOf("/v1/analytics/funnel/people?stage=meeting&from=a&to=b&campaign_id=c")).toMatchObject({ stage: "meeting", campaign: "c" });
});

test("filters are narrowed and taken away", () => {
  expect(narrowed({ campaign: ["a"] }, "tag", "x")).toEqual({ campaign: ["a"], tag: ["x"] });
  expect(narrowed({ tag: ["x"] }, "tag", undefined)).toBeUndefined();
});

test("no cell of a file begins a formula, and every number keeps what it is of", () => {
  expect(csvLine(["=1+1", 'a"b', 3])).toBe(`"'=1+1","a""b",3`);
  const figure = { metric: "replied", count: 1, of: 40, denominator: "delivered", rate: 0.025, low: 0.004, high: 0.13, settling: 2, drill: "" };
  const result = { rows: [{ keys: [{ dimension: "campaign", value: "1", label: "Spring" }], figures: [figure] }] } as unknown as Result;
  expect(csvOf(result, ["campaign"], ["replied"])).toBe('"campaign","replied","replied_of","replied_denominator","replied_rate","replied_low","replied_high","settling"\r\n"Spring",1,40,"delivered",0.025,0.004,0.13,2\r\n');
});

test("costs are asked for only where they can be told apart, and small ones aren't nothing", () => {
  expect(tellsCost(["campaign", "tag"], { country: ["Peru"] })).toBe(true);
  expect(tellsCost(["weekday"])).toBe(false);
  expect(tellsCost(["day"], { sending_domain: ["a.example"] } as never)).toBe(false);
  expect(formatMoney(420)).toBe("$0.0004");
  expect(formatMoney(12_340_000)).toBe("$12.34");
  expect(formatMoney(0)).toBe("$0.00");
});

test("a schedule says what its kind needs, and nothing else", () => {
  expect(scheduleOf("daily", 3, 9, 8)).toEqual({ every: "daily", hour: 8 });
  expect(scheduleOf("weekly", 3, 9, 8)).toEqual({ every: "weekly", hour: 8, weekday: 3 });
  expect(scheduleOf("monthly", 3, 9, 0)).toEqual({ every: "monthly", hour: 0, day: 9 });
});
