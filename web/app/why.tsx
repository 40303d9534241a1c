import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { ProblemNote, Skeleton } from "@/ui/states";
import { Why } from "@/ui/why";

type Of = { enrollment: string } | { message: string };

export const whyOptions = (org: string, of: Of, at?: string) =>
  queryOptions({
    queryKey: [org, "enrollment" in of ? "enrollments" : "messages", "why", of, at],
    staleTime: 15_000,
    queryFn: () =>
      "enrollment" in of
        ? must(api.GET("/v1/enrollments/{id}/why", { params: { path: { id: of.enrollment }, query: { at } } }))
        : must(api.GET("/v1/messages/{id}/why", { params: { path: { id: of.message }, query: { at } } })),
  });

/** Why a sequence's next step, or a message, waits: asked of the server at the instant that is looked at. */
export function WhyOf({ of }: { of: Of }) {
  const { org } = useSession();
  const why = useQuery(whyOptions(org, of, useAt()));
  if (why.error) return <ProblemNote error={why.error} onRetry={() => void why.refetch()} />;
  if (!why.data)
    return (
      <div className="flex flex-col gap-2">
        <Skeleton className="w-64 max-w-full" />
        <Skeleton className="w-80 max-w-full" />
      </div>
    );
  return <Why value={why.data} />;
}
