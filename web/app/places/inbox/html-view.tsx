import { useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { htmlView as words } from "@/words/en/html-view";

/** A mail as it was laid out. The server leaves out what loads or runs; the frame can't run or load anything either. */
export default function HtmlView({ item, from }: { item: string; from: string }) {
  const { org } = useSession();
  const page = useQuery({
    queryKey: [org, "inbox", "html", item],
    staleTime: Infinity,
    queryFn: () => must(api.GET("/v1/inbox/items/{id}/html", { params: { path: { id: item } }, parseAs: "text" })),
  });
  if (page.error) return <ProblemNote error={page.error} onRetry={() => void page.refetch()} />;
  if (page.data === undefined) return <SkeletonRows rows={4} />;
  return (
    <figure className="flex flex-col gap-1">
      <iframe sandbox="" referrerPolicy="no-referrer" srcDoc={page.data} title={words.title(from)} className="h-80 w-full rounded-control border bg-white" />
      <figcaption className="text-meta text-text-3">{words.about}</figcaption>
    </figure>
  );
}
