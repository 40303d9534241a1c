import { api, must } from "@/api/client";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { doubt as words } from "@/words/en/doubt";

/** An answer of ours of which nobody knows whether it left: who knows says so. It is never sent again by itself. */
export default function ReplyDoubt({ id }: { id: string }) {
  const { org } = useSession();
  const may = useCan("messages:approve");
  const resolve = useWrite({
    run: (sent: boolean, header) => must(api.POST("/v1/inbox/replies/{id}/resolve", { params: { path: { id }, header }, body: { sent } })),
    stale: () => [[org, "inbox"], [org, "today"]],
    done: (sent) => toast.say(sent ? w.inbox.resolvedLeft : words.answerAgain),
  });
  return (
    <div className="mt-2 rounded-panel bg-warn-soft p-3 text-table">
      <p className="max-w-[72ch]">{words.reply}</p>
      {may && (
        <div className="mt-2 flex flex-wrap gap-2">
          {[true, false].map((sent) => (
            <Button key={String(sent)} size="small" busy={resolve.isPending} onClick={() => resolve.mutate(sent)}>
              {sent ? w.inbox.hasLeft : w.inbox.hasNot}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
