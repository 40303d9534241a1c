import { useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { PlaceLink } from "@/app/place-link";
import { headOptions } from "@/app/places/history/queries";
import { useSession } from "@/app/session";
import { w } from "@/words";
import { formatCount } from "@/words/format";

/** The newest event at an instant, and whether the history is verified up to it. */
export default function PastEvent({ at }: { at: string }) {
  const { org } = useSession();
  const newest = useQuery({ queryKey: [org, "log", "newest", at], staleTime: Infinity, queryFn: async () => (await must(api.GET("/v1/audit/events", { params: { query: { to: at, limit: 1 } } }))).data[0] ?? null });
  const head = useQuery(headOptions(org));
  if (!newest.data || !head.data) return null;
  return (
    <PlaceLink to={`/history/${newest.data.oseq}`} className="underline underline-offset-2">
      {w.shell.pastEvent(formatCount(newest.data.oseq), head.data.intact || newest.data.oseq <= head.data.verified_to)}
    </PlaceLink>
  );
}
