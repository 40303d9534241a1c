import { expect, test } from "vitest";
import type { Campaign } from "./queries";
import { lacksOf, readinessOf } from "./readiness";

const settings = { window: { days: [1], from: "09:00", to: "17:00" }, max_follow_ups: 4, follow_up_days: 2, unsubscribe_footer: true } as Campaign["settings"];
const step = { step_id: "s1", kind: "email", delay_days: 0, variants: [{ variant_id: "v1", name: "A", subject: "S", body: "Hi", weight: 1 }] };
const campaign = { id: "c", status: "draft", approval: "none", steps: [step], settings, mailbox_ids: ["m"], enrolled: 3 } as unknown as Campaign;
const box = { id: "m", address: "a@example.com", status: "active", checks: { dns: { outcome: "passed" } }, pace: { cap_per_day: 30 } };
const known = { organization: { postal_address: "1 Main Street" }, mailboxes: [box], now: new Date("2026-03-01") } as never as Parameters<typeof readinessOf>[1];
const failed = (c: Campaign, k = known) => readinessOf(c, k).filter((x) => x.outcome === "failed").map((x) => x.what);

test("what has everything has nothing that failed", () => expect(failed(campaign)).toEqual([]));

test("each thing that a launch asks for is named, with the way to mend it", () => {
  expect(failed({ ...campaign, enrolled: 0 })).toEqual(["people"]);
  expect(failed({ ...campaign, mailbox_ids: [] })).toEqual(["mailbox"]);
  expect(failed({ ...campaign, steps: [] })).toEqual(["steps"]);
  expect(failed({ ...campaign, end_date: "2026-02-01" })).toEqual(["end_date"]);
  expect(failed(campaign, { ...known, organization: { postal_address: " " } as never })).toEqual(["postal_address"]);
  expect(failed(campaign, { ...known, mailboxes: [{ ...box, status: "pending" }] as never })).toEqual(["mailbox"]);
  expect(failed(campaign, { ...known, mailboxes: [{ ...box, checks: { dns: { outcome: "failed" } } }] as never })).toEqual(["dns"]);
  for (const x of readinessOf({ ...campaign, enrolled: 0, mailbox_ids: [], steps: [] } as never, known)) if (x.outcome === "failed") expect(x.fix).toBeDefined();
});

test("what the server refuses for leads to the step that it means", () => {
  const [x] = lacksOf(campaign, [{ what: "variable", id: "v1", detail: "frist_name" }]);
  expect(x).toMatchObject({ outcome: "failed", detail: "frist_name", fix: { path: "/campaigns/c/steps", search: { step: "s1", variant: "v1" } } });
});
