import type { Schemas } from "@/api/client";
import { w } from "@/words";
import { checkSequence, checkText } from "./checks";
import type { StepText } from "./diff";
import type { Campaign } from "./queries";

export type Fix = { label: string; path: string; search?: Record<string, unknown> };
export type Readiness = { what: string; outcome: "passed" | "failed" | "warning" | "unknown"; title: string; detail?: string; fix?: Fix };

type Known = { organization?: Schemas["Organization"]; mailboxes?: Schemas["Mailbox"][]; people?: Schemas["Lead"][]; fields?: ReadonlySet<string>; now: Date };

/** What a launch asks for, as far as it can be seen from here; the server decides when it is launched. */
export function readinessOf(campaign: Campaign, known: Known): Readiness[] {
  const c = w.campaigns;
  const at = `/campaigns/${campaign.id}`;
  const steps = campaign.steps as StepText[];
  const out: Readiness[] = [];

  out.push(
    campaign.enrolled > 0
      ? { what: "people", outcome: "passed", title: c.readyPeople(campaign.enrolled) }
      : { what: "people", outcome: "failed", title: c.readyNoPeople, fix: { label: c.addPeople, path: at + "/people" } },
  );

  const sequence = checkSequence(steps, campaign.settings).filter((x) => x.level === "bad");
  const settled = { label: c.toSteps, path: at + "/steps" };
  if (sequence.length > 0) for (const x of sequence) out.push({ what: "steps", outcome: "failed", title: x.text, fix: settled });
  else out.push({ what: "steps", outcome: "passed", title: c.readySteps(steps.length) });
  let wrong = 0;
  steps.forEach((s, i) => {
    for (const v of s.variants) {
      const found = checkText(v, { first: i === 0, known: known.fields, people: known.people ?? [], footer: campaign.settings.unsubscribe_footer, postalAddress: true });
      const name = s.variants.length > 1 ? `${c.stepN(i + 1)}, ${c.variant(v.name || "A")}` : c.stepN(i + 1);
      const fix = { label: c.toText, path: at + "/steps", search: { step: s.step_id, variant: v.variant_id } };
      for (const x of found) {
        if (x.level === "bad") wrong++;
        out.push({ what: "template", outcome: x.level === "bad" ? "failed" : "warning", title: `${name}: ${x.text}`, detail: x.fix, fix });
      }
    }
  });
  for (const x of campaign.warnings ?? []) out.push({ what: "warning", outcome: "warning", title: c.warning[x.code]?.(x.text) ?? x.text, detail: x.suggestion && c.suggestion(x.suggestion), fix: { label: c.toText, path: at + "/steps", search: { step: x.step_id, variant: x.variant_id } } });
  if (wrong === 0 && steps.length > 0) out.push({ what: "template", outcome: "passed", title: c.readyTexts });

  if (known.organization)
    out.push(
      known.organization.postal_address.trim()
        ? { what: "postal_address", outcome: "passed", title: c.readyAddress }
        : { what: "postal_address", outcome: "failed", title: c.lacks.postal_address!, fix: { label: c.toSettings, path: "/settings/organization" } },
    );
  out.push(...senders(campaign, known.mailboxes, at));

  const today = known.now.toISOString().slice(0, 10);
  if (campaign.end_date && campaign.end_date < today) out.push({ what: "end_date", outcome: "failed", title: c.lacks.end_date!, fix: { label: c.toSchedule, path: at + "/schedule" } });
  if (campaign.start_date && campaign.start_date > today) out.push({ what: "start_date", outcome: "warning", title: c.readyStarts(campaign.start_date) });
  if (campaign.approval !== "none") out.push({ what: "approval", outcome: "warning", title: c.approvalAbout[campaign.approval]! });
  return sorted(out);
}

function senders(campaign: Campaign, all: Schemas["Mailbox"][] | undefined, at: string): Readiness[] {
  const c = w.campaigns;
  const choose = { label: c.toSenders, path: at + "/schedule" };
  if (campaign.mailbox_ids.length === 0) return [{ what: "mailbox", outcome: "failed", title: c.readyNoMailbox, fix: all?.length === 0 ? { label: w.mailboxes.connect, path: "/mailboxes/connect" } : choose }];
  if (!all) return [{ what: "mailbox", outcome: "unknown", title: c.readyMailboxUnknown }];
  const its = all.filter((b) => campaign.mailbox_ids.includes(b.id));
  const able = its.filter((b) => b.status === "active" || b.status === "warming");
  const out: Readiness[] = [];
  const first = its[0];
  if (able.length === 0) out.push({ what: "mailbox", outcome: "failed", title: c.lacks.mailbox!, fix: first ? { label: c.toMailbox, path: `/mailboxes/${first.id}` } : choose });
  else out.push({ what: "mailbox", outcome: "passed", title: c.readyMailboxes(able.length, able.reduce((n, b) => n + b.pace.cap_per_day, 0)) });
  for (const b of its) {
    const dns = b.checks.dns;
    if (dns?.outcome === "failed") out.push({ what: "dns", outcome: "failed", title: c.readyDns(b.address ?? ""), detail: dns.detail, fix: { label: c.toMailbox, path: `/mailboxes/${b.id}` } });
    else if (dns?.outcome === "unknown") out.push({ what: "dns", outcome: "unknown", title: c.readyDnsUnknown(b.address ?? ""), detail: dns.detail, fix: { label: c.toMailbox, path: `/mailboxes/${b.id}` } });
    if (!able.includes(b) && able.length > 0) out.push({ what: "mailbox", outcome: "warning", title: c.readyMailboxOff(b.address ?? "", w.mailboxes.statuses[b.status] ?? b.status), fix: { label: c.toMailbox, path: `/mailboxes/${b.id}` } });
  }
  return out;
}

/** What the server has refused a launch for, in the same form. */
export function lacksOf(campaign: Campaign, missing: Schemas["Lack"][]): Readiness[] {
  const c = w.campaigns;
  const at = `/campaigns/${campaign.id}`;
  return missing.map((m) => {
    const step = campaign.steps.find((s) => s.step_id === m.id || s.variants.some((v) => v.variant_id === m.id));
    const fixes: Record<string, Fix> = {
      mailbox: { label: c.toSenders, path: at + "/schedule" },
      dns: { label: c.toMailbox, path: m.id ? `/mailboxes/${m.id}` : "/mailboxes" },
      postal_address: { label: c.toSettings, path: "/settings/organization" },
      end_date: { label: c.toSchedule, path: at + "/schedule" },
    };
    const place = step ? ` (${c.stepN(campaign.steps.indexOf(step) + 1)})` : "";
    return {
      what: m.what,
      outcome: "failed" as const,
      title: (c.lacks[m.what] ?? m.what.replaceAll("_", " ")) + place,
      detail: m.detail,
      fix: fixes[m.what] ?? { label: c.toText, path: at + "/steps", search: step ? { step: step.step_id, variant: m.id === step.step_id ? undefined : m.id } : {} },
    };
  });
}

const order = { failed: 0, unknown: 1, warning: 2, passed: 3 };
export const sorted = (list: Readiness[]) => [...list].sort((a, b) => order[a.outcome] - order[b.outcome]);
