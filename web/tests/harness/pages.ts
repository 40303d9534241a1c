/** Every page below an organisation that needs no id, and every page outside. Whoever adds a page adds it here: access, width and screenshots follow. */
export const inside: [name: string, path: string][] = [
  ["today", ""],
  ["inbox", "/inbox"],
  ["approvals", "/inbox/approvals"],
  ["in doubt", "/inbox/doubt"],
  ["leads", "/leads"],
  ["imports", "/imports"],
  ["new import", "/imports/new"],
  ["campaigns", "/campaigns"],
  ["mailboxes", "/mailboxes"],
  ["meetings", "/meetings"],
  ["analytics", "/analytics"],
  ["history", "/history"],
  ["proof", "/history/proof"],
  ["settings", "/settings"],
  ...["security", "organization", "people", "roles", "usage", "suppressions", "privacy", "keys"].map((id): [string, string] => ["settings, " + id, "/settings/" + id]),
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
