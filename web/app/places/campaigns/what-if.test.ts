import { expect, test } from "vitest";
import { readWhatIf, writeWhatIf } from "./what-if";

test("what a forecast is asked for goes into the URL and comes back, and nonsense in it is left out", () => {
  const ask = { cap_per_day: 40, more_people: 500, window_days: "1,2,3,4,5", window_from: "08:00", window_to: "18:00" };
  expect(readWhatIf(writeWhatIf(ask))).toEqual(ask);
  expect(writeWhatIf({})).toBeUndefined();
  expect(readWhatIf("cap_per_day=-3;more_mailboxes=51;more_people=1.5;window=1,8|08:00|18:00;other=1")).toEqual({});
  expect(readWhatIf("window=1|18:00|08:00")).toEqual({});
  expect(readWhatIf(undefined)).toEqual({});
});
