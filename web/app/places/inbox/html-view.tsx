import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must } from "@/api/client";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { htmlView as words } from "@/words/en/html-view";

/** A mail as it was laid out. The server leaves out what loads or runs; the frame can't run or load anything either, but images that were asked for, by way of the server. */
export default function HtmlView({ item, from }: { item: string; from: string }) {
  const { org } = useSession();
  const [images, setImages] = useState(false);
  const page = useQuery({
    queryKey: [org, "inbox", "html", item, images],
    staleTime: Infinity,
    gcTime: images ? 0 : undefined, // their addresses hold for some minutes only
    placeholderData: keepPreviousData,
    queryFn: async () => {
      let found = 0;
      const asked = api.GET("/v1/inbox/items/{id}/html", { params: { path: { id: item }, query: { images } }, parseAs: "text" });
      const text = await must(asked.then((a) => ((found = Number(a.response.headers.get("Outrider-Images"))), a)));
      return { text, found };
    },
  });
  if (page.error) return <ProblemNote error={page.error} onRetry={() => void page.refetch()} />;
  if (!page.data) return <SkeletonRows rows={4} />;
  const { text, found } = page.data;
  return (
    <figure className="flex flex-col gap-1">
      {found > 0 && (
        <Button size="small" className="self-start" aria-pressed={images} onClick={() => setImages(!images)}>
          {images ? words.hideImages : words.showImages(found)}
        </Button>
      )}
      <iframe sandbox="" referrerPolicy="no-referrer" srcDoc={text} title={words.title(from)} className="h-80 w-full rounded-control border bg-white" />
      <figcaption className="text-meta text-text-3">{images ? words.aboutImages : words.about}</figcaption>
    </figure>
  );
}
