import { useInfiniteQuery } from "@tanstack/react-query";
import { useSession } from "@/app/session";
import { waitingOptions } from "./queries";
import type { InboxSearch } from "./scopes";

/** How many messages wait for a person. */
export function useWaitingTotal(kind: "approvals" | "doubt", search: InboxSearch) {
  const { org } = useSession();
  return useInfiniteQuery(waitingOptions(org, kind, { mailbox_id: search.mailbox_id, campaign_id: search.campaign_id })).data?.pages[0]?.total;
}
