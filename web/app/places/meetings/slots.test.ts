import { expect, test } from "vitest";
import { daysOf, instantOf, neverOffers, openDays, overlap, windowsOf } from "./slots";

const hours = { windows: [{ days: [1, 2, 3, 4, 5], from: "09:00", to: "10:30" }], slot_minutes: 30, notice_minutes: 60, days_ahead: 7 };

test("a wall clock's time is an instant, also when clocks change", () => {
  expect(new Date(instantOf(2026, 3, 2, 9 * 60, "Europe/Berlin")).toISOString()).toBe("2026-03-02T08:00:00.000Z");
  expect(new Date(instantOf(2026, 3, 30, 9 * 60, "Europe/Berlin")).toISOString()).toBe("2026-03-30T07:00:00.000Z");
  expect(new Date(instantOf(2026, 3, 2, 9 * 60, "Asia/Kolkata")).toISOString()).toBe("2026-03-02T03:30:00.000Z");
});

test("open days skip weekends, days off, what is too soon and what is too far", () => {
  const shown = (h: Parameters<typeof openDays>[0]) => openDays(h, "UTC", new Date("2026-03-06T08:15:00Z"), 3).map((d) => d.slots.map((s) => s.toISOString().slice(5, 16))); // a Friday
  expect(shown(hours)).toEqual([
    ["03-06T09:30", "03-06T10:00"],
    ["03-09T09:00", "03-09T09:30", "03-09T10:00"],
    ["03-10T09:00", "03-10T09:30", "03-10T10:00"],
  ]);
  expect(shown({ ...hours, days_off: ["2026-03-09"], windows: [{ days: [2], from: "14:00", to: "14:30" }, ...hours.windows] }).slice(1)).toEqual([
    ["03-10T09:00", "03-10T09:30", "03-10T10:00", "03-10T14:00"],
    ["03-11T09:00", "03-11T09:30", "03-11T10:00"],
  ]);
  expect(openDays({ ...hours, days_ahead: 1, notice_minutes: 0 }, "UTC", new Date("2026-03-06T18:00:00Z"), 3)).toEqual([]);
});

test("hours that never offer a time are known", () => {
  expect(neverOffers(hours)).toBeUndefined();
  expect(neverOffers({ ...hours, slot_minutes: 120 })).toBe("short");
  expect(neverOffers({ ...hours, notice_minutes: 7 * 1440 })).toBe("notice");
  expect(neverOffers({ ...hours, windows: [] })).toBe("closed");
  expect(neverOffers({ ...hours, windows: [...hours.windows, { days: [5], from: "10:00", to: "12:00" }] })).toBe("overlap");
  expect(neverOffers({ ...hours, windows: [...hours.windows, { days: [6], from: "10:00", to: "12:00" }] })).toBeUndefined();
});

test("windows and the hours of days are the same", () => {
  const windows = [
    { days: [1, 2], from: "09:00", to: "12:00" },
    { days: [1], from: "13:00", to: "17:00" },
  ];
  expect(daysOf(windows).map((d) => d.map((r) => r.from + "-" + r.to).join(" "))).toEqual(["09:00-12:00 13:00-17:00", "09:00-12:00", "", "", "", "", ""]);
  expect(windowsOf(daysOf(windows))).toEqual(windows);
  expect(overlap([{ from: "12:00", to: "11:00" }])).toBe(true);
  expect(overlap([{ from: "09:00", to: "12:00" }, { from: "12:00", to: "13:00" }])).toBe(false);
});
