import { expect, test } from "vitest";
import { instantOf, neverOffers, openDays } from "./slots";

const hours = { window: { days: [1, 2, 3, 4, 5], from: "09:00", to: "10:30" }, slot_minutes: 30, notice_minutes: 60, days_ahead: 7 };

test("a wall clock's time is an instant, also when clocks change", () => {
  expect(new Date(instantOf(2026, 3, 2, 9 * 60, "Europe/Berlin")).toISOString()).toBe("2026-03-02T08:00:00.000Z");
  expect(new Date(instantOf(2026, 3, 30, 9 * 60, "Europe/Berlin")).toISOString()).toBe("2026-03-30T07:00:00.000Z");
  expect(new Date(instantOf(2026, 3, 2, 9 * 60, "Asia/Kolkata")).toISOString()).toBe("2026-03-02T03:30:00.000Z");
});

test("open days skip weekends, what is too soon and what is too far", () => {
  const days = openDays(hours, "UTC", new Date("2026-03-06T08:15:00Z"), 3); // a Friday
  expect(days.map((d) => d.slots.map((s) => s.toISOString().slice(5, 16)))).toEqual([
    ["03-06T09:30", "03-06T10:00"],
    ["03-09T09:00", "03-09T09:30", "03-09T10:00"],
    ["03-10T09:00", "03-10T09:30", "03-10T10:00"],
  ]);
  expect(openDays({ ...hours, days_ahead: 1, notice_minutes: 0 }, "UTC", new Date("2026-03-06T18:00:00Z"), 3)).toEqual([]);
});

test("hours that never offer a time are known", () => {
  expect(neverOffers(hours)).toBeUndefined();
  expect(neverOffers({ ...hours, slot_minutes: 120 })).toBe("short");
  expect(neverOffers({ ...hours, notice_minutes: 7 * 1440 })).toBe("notice");
});
