import { api, must } from "@/api/client";
import { ExportFile } from "@/app/places/leads/export-file";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import type { SuppressionFilters } from "./queries";

const s = w.settings.suppressions;

/** What is listed, as a file that can be imported again elsewhere. */
export function ExportSuppressions({ filters: { q, kind, reason }, total, onClose }: { filters: SuppressionFilters; total: number; onClose: () => void }) {
  const { org } = useSession();
  const make = useWrite({
    run: (_: void, header) => must(api.POST("/v1/exports", { params: { header }, body: { kind: "suppressions", suppressions: { q, kind, reason } } })),
    stale: () => [[org, "exports"]],
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={s.exportTitle}
      about={s.exportAbout}
      footer={
        <>
          <Button onClick={onClose}>{make.data ? w.leads.close : w.settings.cancel}</Button>
          {!make.data && (
            <Button look="primary" busy={make.isPending} onClick={() => make.mutate()}>
              {s.exportDo(total)}
            </Button>
          )}
        </>
      }
    >
      {make.data && <ExportFile id={make.data.id} name="suppressions" />}
    </Modal>
  );
}
