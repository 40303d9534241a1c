import { w } from "@/words";

export type FeedKind = { say: (n: number) => string; mark: "sent" | "people" | "reply" | "click" | "meeting" | "bad" | "plain"; path: string; alone?: true };

const f = w.today.feed;
const log = (type: string) => "/history?type=" + type;
const kind = (type: string, say: (n: number) => string, mark: FeedKind["mark"] = "plain", path = log(type), alone?: true): [string, FeedKind] => [type, { say, mark, path, alone }];

/** The events that are worth telling as they happen; all others are in History. */
export const feedKinds: Record<string, FeedKind> = Object.fromEntries([
  kind("message.sent", f.sent, "sent"),
  kind("message.opened", f.opened, "people"),
  kind("message.clicked", f.clicked, "click"),
  kind("message.replied", f.replied, "reply", "/inbox"),
  kind("message.auto_replied", f.autoReplied),
  kind("message.bounced", f.bounced, "bad"),
  kind("message.complained", f.complained, "bad"),
  kind("message.failed", f.failed, "bad"),
  kind("message.in_doubt", f.inDoubt, "bad", "/inbox/in_doubt"),
  kind("message.approved", f.approved),
  kind("lead.unsubscribed", f.unsubscribed),
  kind("lead.created", f.leads, "plain", "/leads"),
  kind("lead.erased", f.erased),
  kind("import.completed", f.imported, "plain", log("import."), true),
  kind("import.failed", f.importFailed, "bad", log("import."), true),
  kind("enrollment.started", f.enrolled),
  kind("meeting.booked", f.booked, "meeting", "/meetings"),
  kind("meeting.cancelled", f.meetingCancelled, "plain", "/meetings"),
  kind("campaign.created", f.campaignMade, "plain", "/campaigns", true),
  kind("campaign.launched", f.launched, "plain", "/campaigns", true),
  kind("campaign.paused", f.campaignPaused, "bad", "/campaigns", true),
  kind("campaign.resumed", f.campaignResumed, "plain", "/campaigns", true),
  kind("campaign.completed", f.campaignDone, "plain", "/campaigns", true),
  kind("mailbox.added", f.mailboxAdded, "plain", "/mailboxes"),
  kind("mailbox.verified", f.mailboxVerified, "plain", "/mailboxes"),
  kind("mailbox.paused", f.mailboxPaused, "bad", "/mailboxes"),
  kind("mailbox.reading_failed", f.mailboxUnread, "bad", "/mailboxes"),
  kind("mailbox.reading_recovered", f.mailboxReadAgain, "plain", "/mailboxes"),
  kind("mailbox.resumed", f.mailboxResumed, "plain", "/mailboxes"),
  kind("suppression.added", f.suppressed),
  kind("export.completed", f.exported, "plain", log("export."), true),
  kind("member.joined", f.joined, "plain", "/settings/people", true),
  kind("api_key.issued", f.keyIssued, "plain", "/settings/keys", true),
  kind("organization.plan_changed", f.planChanged, "plain", "/settings/usage", true),
  kind("quota.refused", f.quotaRefused, "bad", "/settings/usage"),
  kind("quota.warned", f.quotaWarned, "bad", "/settings/usage"),
  kind("billing.payment_failed", f.paymentFailed, "bad", "/settings/billing"),
]);
