import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { useMay, useSession } from "./session";

// Names of what others refer to by id. Organisations have few campaigns, mailboxes and members; they are read once and shared.
async function pages<T>(page: (cursor?: string) => Promise<{ data: T[]; next_cursor: string | null }>) {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let n = 0; n < 10; n++) {
    const p = await page(cursor);
    all.push(...p.data);
    if (!p.next_cursor) break;
    cursor = p.next_cursor;
  }
  return all;
}

export const campaignListOptions = (org: string) =>
  queryOptions({ queryKey: [org, "campaigns", "names"], queryFn: () => pages((cursor) => must(api.GET("/v1/campaigns", { params: { query: { limit: 200, cursor } } }))) });
export const mailboxListOptions = (org: string) =>
  queryOptions({ queryKey: [org, "mailboxes", "names"], queryFn: () => pages((cursor) => must(api.GET("/v1/mailboxes", { params: { query: { limit: 200, cursor } } }))) });
export const memberListOptions = (org: string) =>
  queryOptions({ queryKey: [org, "members", "names"], queryFn: () => pages((cursor) => must(api.GET("/v1/members", { params: { query: { limit: 200, cursor } } }))) });

export function useCampaigns() {
  const { org } = useSession();
  return useQuery({ ...campaignListOptions(org), enabled: useMay("campaigns:read") }).data ?? [];
}

export function useMailboxes() {
  const { org } = useSession();
  return useQuery({ ...mailboxListOptions(org), enabled: useMay("mailboxes:read") }).data ?? [];
}

export function useMembers() {
  const { org } = useSession();
  return useQuery({ ...memberListOptions(org), enabled: useMay("members:read") }).data ?? [];
}

/** Ann Lee, or the address where no name is known. */
export function personName(p: { first_name?: string; last_name?: string; email?: string } | undefined) {
  return [p?.first_name, p?.last_name].filter(Boolean).join(" ") || p?.email || "";
}
