const sections = ["profile", "security", "notifications", "organization", "people", "roles", "usage", "billing", "claims", "snippets", "ai", "research", "scores", "suppressions", "privacy", "keys", "webhooks", "integrations"];

/** Every page below an organisation that needs no id, and every page outside. Whoever adds a page adds it here, or app/pages.test.ts fails: access, width and screenshots follow. */
export const inside: [name: string, path: string][] = [
  ["today", ""],
  ["inbox", "/inbox"],
  ["approvals", "/inbox/approvals"],
  ["in doubt", "/inbox/doubt"],
  ["leads", "/leads"],
  ["companies", "/companies"],
  ["imports", "/imports"],
  ["new import", "/imports/new"],
  ["campaigns", "/campaigns"],
  ["new campaign", "/campaigns/new"],
  ["mailboxes", "/mailboxes"],
  ["connect a mailbox", "/mailboxes/connect"],
  ["limits of mailboxes", "/mailboxes/limits"],
  ["meetings", "/meetings"],
  ["booking page", "/meetings/page"],
  ["analytics", "/analytics"],
  ["analytics, funnel", "/analytics?view=funnel"],
  ["analytics, cohorts", "/analytics?view=cohorts"],
  ["analytics, times", "/analytics?view=times"],
  ["list of a figure", "/analytics/list?metric=sent&unit=message&from=2026-01-01&to=2026-12-31"],
  ["reports", "/analytics/reports"],
  ["corrections", "/analytics/corrections?from=2026-01-01&to=2026-12-31"],
  ["experiments", "/analytics/experiments"],
  ["new experiment", "/analytics/experiments/new"],
  ["history", "/history"],
  ["proof", "/history/proof"],
  ["comparison", "/history/compare"],
  ["settings", "/settings"],
  ...sections.map((id): [string, string] => ["settings, " + id, "/settings/" + id]),
];

export const outside: [name: string, path: string][] = [
  ["sign-in", "/signin"],
  ["sign-up", "/signup"],
  ["forgotten password", "/forgot"],
  ["reset", "/reset#nothing"],
  ["confirm", "/verify#nothing"],
  ["invitation", "/invite#nothing"],
  ["start", "/start#nothing"],
  ["no organisation", "/nowhere"],
  ["operator", "/operator"],
];

/** What an operator sees, once they have given their key. */
export const operator: [name: string, tab: string][] = [
  ["organisations", "Organisations"],
  ["payments", "Payments"],
  ["platform keys", "Platform keys"],
  ["flags", "Flags"],
  ["people", "People"],
  ["engines", "Engines"],
];

/** Routes of one thing each; detailPages finds one of each in a demonstration. */
export const detailed = ["/inbox/$scope/$thread", "/leads/$id", "/companies/$id", "/imports/$id", "/campaigns/$id", "/campaigns/$id/$tab", "/mailboxes/$id", "/mailboxes/domains/$id", "/analytics/experiments/$id", "/history/$event", "/trace/$id"];
