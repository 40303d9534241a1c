import { describe, expect, it } from "vitest";
import { accountNotice } from "./account-notice";

const now = new Date("2027-03-01T12:00:00Z");
const say = (o: Parameters<typeof accountNotice>[0]) => accountNotice(o, now, "UTC");

describe("what stands above every page of an organisation's account", () => {
  it("is nothing while all is well", () => {
    expect(say({ status: "active" })).toBeUndefined();
  });
  it("is a trial's end from a week before, not sooner", () => {
    expect(say({ status: "active", next_status: "suspended", next_status_at: "2027-03-09T12:00:00Z" })).toBeUndefined();
    const soon = say({ status: "active", next_status: "suspended", next_status_at: "2027-03-08T12:00:00Z" });
    expect(soon?.tone).toBe("warn");
    expect(soon?.text).toContain("Mar 8");
  });
  it("tells the causes of a stop apart", () => {
    const texts = (["trial", "payment", "operator"] as const).map((status_cause) => say({ status: "suspended", status_cause, status_reason: "asked to" })?.text);
    expect(new Set(texts).size).toBe(3);
    expect(texts[2]).toContain("asked to");
    expect(say({ status: "suspended", status_cause: "trial" })?.tone).toBe("bad");
  });
  it("names the day on which a grace ends", () => {
    expect(say({ status: "past_due", status_cause: "payment", next_status: "suspended", next_status_at: "2027-03-08T12:00:00Z" })?.text).toContain("Mar 8");
  });
  it("says that a cancelled one is closed, and until when it can be restored", () => {
    expect(say({ status: "cancelled", status_cause: "payment" })?.tone).toBe("bad");
    expect(say({ status: "cancelled", status_cause: "payment", erase_at: "2027-03-30T12:00:00Z" })?.text).toContain("Mar 30");
  });
});
