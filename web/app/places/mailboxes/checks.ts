import type { Mailbox } from "./queries";

/** All checks, in the order in which they are made. */
export const checkNames = ["smtp_tls", "smtp_auth", "send_to_self", "imap_auth", "read_back", "dns", "tagged_address"] as const;

/** The checks of a mailbox: of one that sends through SendGrid and is read from no server there is no server to reach. */
export const checksOf = (box: Pick<Mailbox, "checks"> & Partial<Pick<Mailbox, "sendgrid" | "imap">>) => (box.sendgrid && !box.imap ? checkNames.filter((n) => n !== "smtp_tls" && n !== "imap_auth") : [...checkNames]);

/** Without these a mailbox may send all the same. */
export const optionalChecks: ReadonlySet<string> = new Set(["dns", "tagged_address"]);

export type CheckState = "passed" | "failed" | "unknown" | "running" | "blocked";

/** Where a check is: what comes after one that failed isn't tried, and there is nothing to mend about it. */
export function checkState(checks: Mailbox["checks"], name: string): CheckState {
  const found = checks[name];
  const i = checkNames.indexOf(name as (typeof checkNames)[number]);
  const before = i < 3 ? checkNames.slice(0, i) : name === "read_back" || name === "tagged_address" ? ["smtp_tls", "smtp_auth", "send_to_self", "imap_auth"] : [];
  const blocked = before.some((n) => checks[n]?.outcome === "failed");
  if (found && !(blocked && found.outcome === "unknown")) return found.outcome;
  return blocked ? "blocked" : "running";
}

/** Reports whether more results are to come. */
export function stillChecking(box: Pick<Mailbox, "checks" | "status"> & Partial<Pick<Mailbox, "sendgrid" | "imap">>): boolean {
  return checksOf(box).some((n) => n !== "tagged_address" && checkState(box.checks, n) === "running") && !Object.entries(box.checks).some(([n, c]) => c.outcome === "failed" && !optionalChecks.has(n));
}

export const domainOf = (address?: string) => address?.split("@")[1] ?? "";

/** By the domain that they send from, both by name. */
export function byDomain<T extends { address?: string }>(boxes: T[]): { domain: string; boxes: T[] }[] {
  const groups = new Map<string, T[]>();
  for (const b of [...boxes].sort((a, c) => (a.address ?? "").localeCompare(c.address ?? ""))) {
    const d = domainOf(b.address);
    groups.set(d, [...(groups.get(d) ?? []), b]);
  }
  return [...groups].map(([domain, list]) => ({ domain, boxes: list })).sort((a, b) => a.domain.localeCompare(b.domain));
}

export type Server = { host: string; port: number; security: "tls" | "starttls" };
export type Provider = { id: string; smtp: Server; imap: Server; domains: string[] };

export const providers: Provider[] = [
  { id: "google", domains: ["gmail.com", "googlemail.com"], smtp: { host: "smtp.gmail.com", port: 465, security: "tls" }, imap: { host: "imap.gmail.com", port: 993, security: "tls" } },
  { id: "microsoft", domains: ["outlook.com", "hotmail.com", "live.com"], smtp: { host: "smtp.office365.com", port: 587, security: "starttls" }, imap: { host: "outlook.office365.com", port: 993, security: "tls" } },
];

/** Servers of a domain by the names that are usual. */
export function usualServers(address: string): { smtp: Server; imap: Server } {
  const d = domainOf(address) || "";
  const known = providers.find((p) => p.domains.includes(d));
  return known ?? { smtp: { host: d && "smtp." + d, port: 465, security: "tls" }, imap: { host: d && "imap." + d, port: 993, security: "tls" } };
}
