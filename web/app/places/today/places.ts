import type { Schemas } from "@/api/client";

// Where a number of Today leads to: the page that shows the list which the server names.
type ListLink = Schemas["ListLink"];

/** The path below the organisation of the page that shows a list. */
export function pathOfList(list: ListLink): string {
  const { state, status, ...rest } = list.query as Record<string, string>;
  const scope = list.path === "/v1/messages" ? { drafted: "/inbox/approvals", in_doubt: "/inbox/doubt" }[state ?? ""] : list.path === "/v1/inbox" ? { needs_answer: "/inbox/answer", snoozed: "/inbox/snoozed" }[status ?? ""] : undefined;
  if (scope) return scope + (Object.keys(rest).length ? "?" + new URLSearchParams(rest).toString() : "");
  const query = new URLSearchParams(list.query as Record<string, string>).toString();
  return list.path.replace(/^\/v1/, "") + (query ? "?" + query : "");
}

const mailboxRules = new Set(["warmup", "mailbox", "cap_hour", "cap_day", "cap_24h", "gap", "in_flight", "elapsed"]);

/** Where a rule of the plan is set, and who it holds is listed. */
export const pathOfRule = (rule: string) => (mailboxRules.has(rule) ? "/mailboxes" : rule === "organization" ? "/settings/organization" : "/campaigns");

export const pathOfStopped = (s: Pick<Schemas["TodayStopped"], "kind" | "id">) => (s.kind === "campaign" ? "/campaigns/" : "/mailboxes/") + s.id;
