import { api, must } from "@/api/client";
import { useGoTo } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { w } from "@/words";
import { clearDraft, useDraft } from "./draft";
import { Errors } from "./errors";
import type { Import } from "./queries";

/** From the check to the import: the file is on the server, and what it says is what will happen. */
export function CheckActions({ value: i }: { value: Import }) {
  const { org } = useSession();
  const go = useGoTo();
  const draft = useDraft(org);
  const may = useMay("imports:write");
  const commit = useWrite({
    run: (_: void, header) => must(api.POST("/v1/imports/{id}/commit", { params: { path: { id: i.id }, header } })),
    stale: () => [[org, "imports"], [org, "leads"], [org, "lead-rows"]],
    done: (_, made) => {
      clearDraft(org);
      go(`/imports/${made.id}`);
    },
  });
  if (!may || i.status !== "completed") return null;
  const nothing = i.created + i.updated === 0;
  const back = draft.checkID === i.id && draft.file;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" busy={commit.isPending} why={nothing ? w.imports.commitNothing : undefined} onClick={() => commit.mutate()}>
          {w.imports.commit(i.created, i.updated)}
        </Button>
        <Button onClick={() => go("/imports/new", { step: back ? "columns" : undefined })}>{back ? w.imports.back : w.imports.another}</Button>
        <Errors value={i} />
      </div>
      <p className="text-table text-text-3">{nothing ? w.imports.commitNothing : w.imports.expired}</p>
    </div>
  );
}
