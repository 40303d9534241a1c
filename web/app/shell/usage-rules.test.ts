import { describe, expect, it } from "vitest";
import { nearlyUsedUp } from "./usage-rules";

describe("what of a plan is warned of above every page", () => {
  it("is nothing below four fifths, nor of what has no limit or is seen where it is added", () => {
    expect(nearlyUsedUp([{ key: "leads_per_month", used: 399, limit: 500 }, { key: "leads_stored", used: 10_000, limit: null }, { key: "mailboxes", used: 3, limit: 3 }, { key: "seats", used: 2, limit: 2 }, { key: "ai_budget_micros", used: 0, limit: 0 }])).toBeUndefined();
  });
  it("is four fifths, with the day on which it runs out", () => {
    expect(nearlyUsedUp([{ key: "leads_per_month", used: 400, limit: 500, runs_out_at: "2027-03-08T12:00:00Z" }])).toEqual({ key: "leads_per_month", percent: 80, used: 400, limit: 500, runsOut: "2027-03-08T12:00:00Z" });
  });
  it("is what is used up before what nearly is", () => {
    expect(nearlyUsedUp([{ key: "leads_per_month", used: 450, limit: 500 }, { key: "leads_stored", used: 25, limit: 25 }])).toMatchObject({ key: "leads_stored", percent: 100 });
  });
});
