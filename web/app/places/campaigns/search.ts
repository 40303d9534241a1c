import { readWhatIf, writeWhatIf } from "./what-if";

// What one looks at, in the URL.
export const tabs = ["overview", "steps", "people", "messages", "schedule", "experiment", "history", "launch"] as const;
export type Tab = (typeof tabs)[number];

export const statuses = ["draft", "active", "idle", "paused", "completed"] as const;
export type Status = (typeof statuses)[number];
export const states = ["active", "deferred", "paused", "stopped", "completed"] as const;
export type EnrollmentState = (typeof states)[number];
export const messageStates = ["requested", "drafted", "held", "approved", "scheduled", "claimed", "deferred", "sent", "failed", "in_doubt", "cancelled"] as const;
export type MessageState = (typeof messageStates)[number];

const listSorts = ["created_at", "-created_at", "updated_at", "-updated_at", "name", "-name", "status", "-status"] as const;
export type ListSort = (typeof listSorts)[number];
const peopleSorts = ["created_at", "-created_at", "updated_at", "-updated_at", "state", "-state"] as const;
export type PeopleSort = (typeof peopleSorts)[number];

const oneOf = <T extends string>(list: readonly T[], x: unknown): T | undefined => list.find((v) => v === x);
const yes = (x: unknown) => (x === true || x === "true" ? (true as const) : undefined);
const text = (x: unknown) => (typeof x === "string" && x !== "" ? x.slice(0, 200) : undefined);

export type ListSearch = { q?: string; status?: Status; archived?: true; launch_requested?: true; sort?: ListSort };

export const listSearch = (s: Record<string, unknown>): ListSearch => ({ q: text(s.q), status: oneOf(statuses, s.status), archived: yes(s.archived), launch_requested: yes(s.launch_requested), sort: oneOf(listSorts, s.sort) });

/** What the days of a campaign are shown by. */
export const overTimes = ["sent", "replied", "meeting", "opened", "bounced"] as const;

/** What the figures of a campaign are broken down by. */
export const breakdowns = ["step", "variant", "mailbox", "sending_domain"] as const;

export type CampaignSearch = { q?: string; state?: EnrollmentState; message?: MessageState; since?: string; sort?: PeopleSort; by?: (typeof breakdowns)[number]; step?: string; variant?: string; lead?: string; experiment?: string; rule?: string; if?: string; metric?: (typeof overTimes)[number] };

export const campaignSearch = (s: Record<string, unknown>): CampaignSearch => ({
  q: text(s.q),
  state: oneOf(states, s.state),
  message: oneOf(messageStates, s.message),
  since: typeof s.since === "string" && /^\d{4}-\d{2}-\d{2}$/.test(s.since) ? s.since : undefined,
  sort: oneOf(peopleSorts, s.sort),
  by: oneOf(breakdowns, s.by),
  step: text(s.step),
  variant: text(s.variant),
  lead: text(s.lead),
  experiment: text(s.experiment),
  rule: text(s.rule),
  metric: oneOf(overTimes, s.metric),
  if: writeWhatIf(readWhatIf(s.if)),
});
