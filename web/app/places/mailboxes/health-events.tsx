import { useInfiniteQuery } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { useSession } from "@/app/session";
import { usePeek } from "@/app/shell/peek";
import { Button } from "@/ui/button";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { warmup as p } from "@/words/en/warmup";

type Part = Schemas["HealthPart"]["part"];

/** The events that a part of a health counts, the newest first; each opens its message. */
export default function HealthEvents({ id, of, part }: { id: string; of: "mailbox" | "domain"; part: Part }) {
  const { org } = useSession();
  const { open } = usePeek();
  const asked = useInfiniteQuery({
    queryKey: [org, "mailboxes", "health-events", id, of, part],
    queryFn: ({ pageParam }) => must(api.GET("/v1/mailboxes/{id}/health/events", { params: { path: { id }, query: { part, of, limit: 20, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  if (asked.isPending) return <SkeletonRows rows={3} />;
  if (asked.isError) return <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />;
  const all = asked.data.pages.flatMap((x) => x.data);
  if (all.length === 0) return <p className="py-2 text-text-2">{p.noEvents}</p>;
  return (
    <>
      <ul className="py-1">
        {all.map((e) => (
          <li key={e.id} className="flex min-w-0 flex-wrap items-baseline gap-x-3 py-1">
            <Time at={e.at} />
            <span className="min-w-0 flex-1 break-words">{e.text}</span>
            {e.message_id && (
              <Button size="small" look="quiet" onClick={() => open("message:" + e.message_id)}>
                {p.openMessage}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asked.hasNextPage && (
        <Button size="small" busy={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>
          {p.more}
        </Button>
      )}
    </>
  );
}
