import type { Schemas } from "@/api/client";

// Where a number of Today leads to: the page that shows the list which the server names.
type ListLink = Schemas["ListLink"];

export const pathOfWaiting: Record<string, string> = { replies: "/inbox/needs_answer", approvals: "/inbox/approvals", in_doubt: "/inbox/in_doubt", unclear: "/inbox/answer?confidence=low" };

/** The path below the organisation of the page that shows a list. */
export function pathOfList(kind: string, list: ListLink): string {
  const known = pathOfWaiting[kind];
  if (known) return known;
  const query = new URLSearchParams(list.query as Record<string, string>).toString();
  return list.path.replace(/^\/v1/, "") + (query ? "?" + query : "");
}

const mailboxRules = new Set(["warmup", "mailbox", "cap_hour", "cap_day", "cap_24h", "gap", "in_flight", "elapsed"]);

/** Where a rule of the plan is set, and who it holds is listed. */
export const pathOfRule = (rule: string) => (mailboxRules.has(rule) ? "/mailboxes" : rule === "organization" ? "/settings/organization" : "/campaigns");

export const pathOfStopped = (s: Pick<Schemas["TodayStopped"], "kind" | "id">) => (s.kind === "mailbox" ? "/mailboxes/" : "/campaigns/") + s.id;

/** What a Link needs to lead to a path below the organisation, with its query. */
export function linkTo(slug: string, path: string): { to: "/"; search: never } {
  const [to, query] = path.split("?");
  return { to: `/o/${slug}${to}` as "/", search: Object.fromEntries(new URLSearchParams(query)) as never };
}
