import { useMutation } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { api, must } from "@/api/client";
import { Page } from "@/app/page";
import { PlaceLink, useChangeSearch } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";
import { ColumnsStep } from "./columns-step";
import { draftOf, setDraft, takeInspection, useDraft } from "./draft";
import { FileStep } from "./file-step";
import { formOf, type ReadAs } from "./mapping";
import { asForm } from "./queries";
import { ReadAsForm } from "./read-as";
import { Steps } from "./steps";

/** File and columns: nothing is on the server before the check. */
export function NewImportPage() {
  const { org } = useSession();
  const draft = useDraft(org);
  const change = useChangeSearch();
  const columns = (useSearch({ strict: false }) as { step?: string }).step === "columns" && !!draft.file;
  const may = useMay("imports:write");
  const inspect = useMutation({
    mutationFn: (a: { file: File; readAs: ReadAs }) => must(api.POST("/v1/imports/inspect", asForm(formOf(a.file, a.readAs)))),
    onSuccess: (found) => {
      takeInspection(org, found);
      change({ step: "columns" });
    },
  });
  const read = (file: File, readAs: ReadAs) => {
    setDraft(org, { file, readAs, ...(file === draftOf(org).file ? {} : { inspection: undefined, checkID: undefined }) });
    inspect.mutate({ file, readAs });
  };
  useEffect(() => {
    if (draft.file && !draft.inspection && !inspect.isPending && !inspect.error) read(draft.file, draft.readAs);
  }, []);
  return (
    <Page title={w.imports.newTitle} about={<PlaceLink to="/imports">{w.imports.title}</PlaceLink>}>
      <Steps at={columns && draft.inspection ? "columns" : "file"} />
      {!may ? (
        <p className="px-6 py-8">{w.states.missingPermission("imports:write")}</p>
      ) : columns && draft.inspection && draft.file ? (
        <ColumnsStep draft={draft} error={inspect.error} reading={inspect.isPending} onReadAs={(readAs) => read(draft.file!, readAs)} />
      ) : (
        <>
          <FileStep file={draft.file} reading={inspect.isPending} onFile={(f) => read(f, { charset: "", delimiter: "", header_row: "" })} />
          {inspect.error && (
            <>
              <ProblemNote error={inspect.error} onRetry={draft.file ? () => read(draft.file!, draft.readAs) : undefined} />
              {draft.file && (
                <div className="px-4 sm:px-6">
                  <ReadAsForm readAs={draft.readAs} onChange={(readAs) => read(draft.file!, readAs)} />
                </div>
              )}
            </>
          )}
        </>
      )}
    </Page>
  );
}
