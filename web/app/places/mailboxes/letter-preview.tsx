import { useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import AsSent from "@/app/places/campaigns/as-sent";
import { Mail } from "@/app/places/campaigns/mail";
import { useMay, useSession } from "@/app/session";
import { ProblemNote, Skeleton } from "@/ui/states";
import { mailboxLetter as m } from "@/words/en/mailbox-letter";
import { campaignsOptions, type Mailbox } from "./queries";

/** A message from this mailbox with the signature as it is typed; below, as it really leaves, with the one that is saved. */
export default function LetterPreview({ box, signature, unsaved }: { box: Mailbox; signature: string; unsaved: boolean }) {
  const { org } = useSession();
  const may = useMay("campaigns:read");
  const all = useQuery({ ...campaignsOptions(org), enabled: may });
  const its = all.data?.find((c) => c.mailbox_ids.includes(box.id) && c.steps.length > 0);
  const sent = useQuery({
    queryKey: [org, "preview", "letter", its?.id, box.id, box.signature?.text ?? "", box.signature?.html ?? ""],
    enabled: !!its,
    retry: false,
    queryFn: ({ signal }) => must(api.POST("/v1/campaigns/{id}/preview", { params: { path: { id: its!.id } }, body: { mailbox_id: box.id, follow_up: false }, signal })),
  });
  const name = box.display_name || m.me;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <p className="text-table font-medium text-text-2">{m.preview}</p>
      <Mail from={`${name} <${box.address ?? ""}>`} to={m.to} subject={m.subject} body={`${m.body}${signature.trim() ? "\n\n" + signature.trimEnd() : ""}`} missing={[]} />
      {unsaved ? (
        <p className="text-meta text-text-3">{m.previewUnsaved}</p>
      ) : !its ? (
        may && all.data && <p className="text-meta text-text-3">{m.previewNone}</p>
      ) : sent.error ? (
        <ProblemNote error={sent.error} onRetry={() => void sent.refetch()} />
      ) : !sent.data ? (
        <Skeleton className="w-40" />
      ) : (
        sent.data.as_sent && (
          <>
            <p className="text-meta text-text-3">{m.previewOf(its.name)}</p>
            <AsSent message={sent.data.as_sent} />
          </>
        )
      )}
    </div>
  );
}
