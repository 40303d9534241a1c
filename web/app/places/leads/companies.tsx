import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { Page } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { companies as words } from "@/words/en/companies";

const companiesOptions = (org: string) =>
  infiniteQueryOptions({
    queryKey: [org, "leads", "companies"],
    queryFn: ({ pageParam }) => must(api.GET("/v1/companies", { params: { query: { limit: 100, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (p) => p.next_cursor ?? undefined,
  });

/** The companies of which something is known. */
export function CompaniesPage() {
  const { org } = useSession();
  const list = useInfiniteQuery(companiesOptions(org));
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <Page title={words.title} about={<PlaceLink to="/leads">{w.leads.title}</PlaceLink>}>
      <div className="px-4 pb-10 sm:px-6">
        <p className="max-w-[72ch] py-2 text-table text-text-2">{words.about}</p>
        {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
        {!list.data && !list.error && <SkeletonRows rows={8} />}
        {list.data && rows.length === 0 && <Empty title={words.empty} needs={words.emptyNeeds} />}
        {rows.length > 0 && (
          <ScrollRegion label={words.title}>
            <table className="w-full text-left text-table">
              <thead>
                <tr className="border-b text-text-3">
                  <th scope="col" className="py-1.5 pr-4 font-medium">
                    {words.columns.name}
                  </th>
                  <th scope="col" className="py-1.5 pr-4 font-medium">
                    {words.columns.domain}
                  </th>
                  <th scope="col" className="py-1.5 font-medium">
                    {words.columns.since}
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((c) => (
                  <tr key={c.id} className="border-b">
                    <th scope="row" className="py-1.5 pr-4 text-left font-normal">
                      <PlaceLink to={`/companies/${c.id}`}>{c.name || c.domain || words.unnamed}</PlaceLink>
                    </th>
                    <td className="py-1.5 pr-4 break-all text-text-2">{c.domain}</td>
                    <td className="py-1.5 whitespace-nowrap text-text-3">
                      <Time past at={c.recorded_at} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
        {list.hasNextPage && (
          <div className="pt-3">
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {words.more}
            </Button>
          </div>
        )}
      </div>
    </Page>
  );
}
