import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { api, must } from "@/api/client";
import { useSession } from "@/app/session";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";
import { saveAs } from "@/app/save-as";
import { exportOptions } from "./queries";

/** How far a file is, and the way to it. */
export function ExportFile({ id, name = "leads" }: { id: string; name?: string }) {
  const { org } = useSession();
  const e = useQuery(exportOptions(org, id));
  const fetchFile = useWrite({
    run: () => must(api.GET("/v1/exports/{id}/file", { params: { path: { id } }, parseAs: "blob" })),
    done: (_: void, blob) => saveAs(blob as unknown as Blob, name + ".csv"),
  });
  if (e.error) return <ProblemNote error={e.error} />;
  if (!e.data || e.data.status === "running")
    return (
      <p role="status" className="flex items-center gap-3">
        {w.leads.exporting} <progress aria-label={w.leads.exporting} />
      </p>
    );
  if (e.data.status !== "completed") return <p role="status">{e.data.reason ? e.data.reason.replaceAll("_", " ") : w.leads.exportGone}</p>;
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      <span>{w.leads.exported(e.data.rows)}</span>
      <Button look="primary" size="small" icon={<Download size={14} aria-hidden />} busy={fetchFile.isPending} onClick={() => fetchFile.mutate()}>
        {w.leads.download}
      </Button>
    </div>
  );
}
