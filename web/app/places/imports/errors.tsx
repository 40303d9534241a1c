import { Download } from "lucide-react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useMay } from "@/app/session";
import { saveAs } from "@/app/save-as";
import { Button } from "@/ui/button";
import { w } from "@/words";
import type { Import } from "./queries";

/** The rows that became nothing, with why, for a spreadsheet. */
export function Errors({ value: i }: { value: Import }) {
  const may = useMay("pii:read");
  const get = useWrite({
    run: () => must(api.GET("/v1/imports/{id}/errors.csv", { params: { path: { id: i.id } }, parseAs: "blob" })),
    done: (_: void, blob) => saveAs(blob as unknown as Blob, i.file_name.replace(/\.[^.]*$/, "") + "-refused.csv"),
  });
  if (i.rejected === 0 && i.left_out.length === 0) return null;
  return (
    <Button icon={<Download size={14} aria-hidden />} busy={get.isPending} why={may ? undefined : w.imports.downloadWhy} onClick={() => get.mutate()}>
      {w.imports.errorsCsv}
    </Button>
  );
}
