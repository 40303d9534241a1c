import { expect, test } from "vitest";
import { byDomain, checkState, stillChecking, usualServers } from "./checks";

const ok = { outcome: "passed" as const, checked_at: "2026-03-01T00:00:00Z" };
const bad = { outcome: "failed" as const, checked_at: "2026-03-01T00:00:00Z" };
const all = { smtp_tls: ok, smtp_auth: ok, send_to_self: ok, imap_auth: ok, read_back: ok, dns: ok };

test("checks arrive one by one", () => {
  expect(checkState({}, "smtp_tls")).toBe("running");
  expect(checkState({ smtp_tls: ok }, "smtp_tls")).toBe("passed");
  expect(stillChecking({ checks: {}, status: "pending" })).toBe(true);
  expect(stillChecking({ checks: all, status: "active" })).toBe(false);
});

test("what comes after a failure isn't waited for", () => {
  expect(checkState({ smtp_auth: bad }, "send_to_self")).toBe("blocked");
  expect(checkState({ smtp_auth: bad }, "read_back")).toBe("blocked");
  expect(checkState({ smtp_auth: bad }, "dns")).toBe("running");
  expect(stillChecking({ checks: { smtp_tls: ok, smtp_auth: bad }, status: "pending" })).toBe(false);
});

test("what was recorded as not tried after a failure asks for no mending", () => {
  const skipped = { outcome: "unknown" as const, detail: "not tried", checked_at: "2026-03-01T00:00:00Z" };
  const refused = { smtp_tls: bad, smtp_auth: skipped, send_to_self: skipped, imap_auth: ok, read_back: skipped, dns: skipped, tagged_address: skipped };
  for (const name of ["smtp_auth", "send_to_self", "read_back", "tagged_address"]) expect(checkState(refused, name)).toBe("blocked");
  expect(checkState(refused, "dns")).toBe("unknown");
  expect(checkState({ ...all, read_back: skipped }, "read_back")).toBe("unknown");
  expect(checkState({ smtp_tls: bad, smtp_auth: bad }, "smtp_auth")).toBe("failed");
});

test("mailboxes stand by the domain that they send from", () => {
  expect(byDomain([{ address: "b@x.example" }, { address: "a@y.example" }, { address: "a@x.example" }]).map((g) => [g.domain, g.boxes.map((b) => b.address)])).toEqual([
    ["x.example", ["a@x.example", "b@x.example"]],
    ["y.example", ["a@y.example"]],
  ]);
});

test("servers are guessed from the address", () => {
  expect(usualServers("ann@gmail.com").smtp.host).toBe("smtp.gmail.com");
  expect(usualServers("ann@acme.example").imap.host).toBe("imap.acme.example");
  expect(usualServers("ann").imap.host).toBe("");
});
