// Which queries are stale after an event, by the first words of its type. Keys are [organisation, area, ...].
export type Area = "today" | "plan" | "inbox" | "leads" | "imports" | "exports" | "campaigns" | "enrollments" | "messages" | "mailboxes" | "meetings" | "suppressions" | "analytics" | "experiments" | "history" | "organization" | "members" | "keys" | "usage" | "quota" | "billing" | "me" | "webhooks" | "integrations" | "ai" | "claims" | "scores" | "snippets";

const table: [prefix: string, areas: Area[]][] = [
  ["score_rules.", ["scores", "leads"]],
  ["lead.", ["leads", "suppressions", "today"]],
  ["leads.", ["leads"]],
  ["fact.", ["leads"]],
  ["research.", ["leads", "campaigns", "organization"]],
  ["web_search.", ["leads"]],
  ["evidence.", ["messages", "inbox"]],
  ["claim.", ["claims"]],
  ["segment.", ["leads"]],
  ["snippet.", ["snippets"]],
  ["answer.", ["inbox", "claims"]],
  ["draft.", ["campaigns"]],
  ["test_send.", ["campaigns"]],
  ["import.", ["imports", "leads", "today", "usage"]],
  ["export.", ["exports"]],
  ["suppression.", ["suppressions", "leads", "campaigns", "plan"]],
  ["campaign.", ["campaigns", "enrollments", "today", "plan", "analytics"]],
  ["experiment.", ["experiments", "campaigns"]],
  ["enrollment.", ["enrollments", "campaigns", "leads", "today", "plan", "usage"]],
  ["message.", ["messages", "enrollments", "campaigns", "leads", "mailboxes", "inbox", "today", "plan", "analytics"]],
  ["reply.", ["inbox", "messages", "leads", "today", "analytics"]],
  ["inbox.", ["inbox", "today"]],
  ["thread.", ["inbox", "today"]],
  ["response.", ["inbox", "leads", "mailboxes", "today"]],
  ["mailbox.", ["mailboxes", "today", "plan", "campaigns"]],
  ["sender_domain.", ["mailboxes", "campaigns"]],
  ["meeting.", ["meetings", "leads", "today", "analytics"]],
  ["booking.", ["meetings"]],
  ["organization.", ["organization", "usage", "quota", "billing", "plan", "me"]],
  ["organization.pacing_set.", ["mailboxes"]],
  ["organization.holidays_set.", ["mailboxes"]],
  ["member.", ["members", "me", "usage"]],
  ["ownership.", ["members", "me"]],
  ["role.", ["members", "me"]],
  ["api_key.", ["keys"]],
  ["webhook.", ["webhooks"]],
  ["connection.", ["integrations", "meetings"]],
  ["plan.", ["usage", "organization", "billing", "quota"]],
  ["billing.", ["billing", "usage", "today"]],
  ["quota.", ["usage", "today", "quota"]],
  ["usage.", ["usage", "quota"]],
  ["report.", ["analytics"]],
  ["ai.", ["ai", "usage"]],
  ["ai_call.", ["ai", "usage"]],
  ["ai_writing.", ["campaigns"]],
  ["flag.", ["me", "organization"]],
  ["bulk.", ["leads", "suppressions"]],
];

/** Returns the areas whose queries an event of this type makes stale; history always is. */
export function staleAfter(type: string): Area[] {
  const out = new Set<Area>(["history"]);
  for (const [prefix, areas] of table) if (type.startsWith(prefix)) for (const a of areas) out.add(a);
  return [...out];
}
