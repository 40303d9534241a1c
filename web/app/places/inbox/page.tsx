import { useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Page } from "@/app/page";
import { loadPart } from "@/ui/load-part";
import { SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { Approvals } from "./approvals";
import { ScopeBar } from "./scope-bar";
import { scopeOf, type InboxSearch } from "./scopes";
import { Threads } from "./threads";

const Doubt = lazy(async () => ({ default: (await loadPart(() => import("./doubt"))).Doubt }));

/** What people answered, and what waits for a person. Scopes, list, what is open. */
export function InboxPage() {
  const params = useParams({ strict: false }) as { scope?: string; thread?: string };
  const search = useSearch({ strict: false }) as InboxSearch;
  const scope = scopeOf(params.scope);
  const filters: InboxSearch = { q: search.q, class: search.class, meaning: search.meaning, mailbox_id: search.mailbox_id, campaign_id: search.campaign_id };
  return (
    <Page title={w.inbox.title} fill hideTitle>
      <div className="flex min-h-0 min-w-0 flex-1 max-lg:flex-col">
        <ScopeBar scope={scope} search={filters} reading={!!params.thread} />
        <div className="flex min-h-0 min-w-0 flex-1">
          {scope === "approvals" ? (
            <Approvals key="approvals" search={filters} open={params.thread} />
          ) : scope === "doubt" ? (
            <Suspense key="doubt" fallback={<SkeletonRows />}>
              <Doubt search={filters} open={params.thread} />
            </Suspense>
          ) : (
            <Threads key={scope} scope={scope} search={filters} open={params.thread} />
          )}
        </div>
      </div>
    </Page>
  );
}
