import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must } from "@/api/client";
import { useGoTo } from "@/app/place-link";
import { BulkDialog } from "@/app/places/leads/bulk-dialog";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/overlay";
import { ProblemNote, Skeleton } from "@/ui/states";
import { w } from "@/words";
import { Errors } from "./errors";
import { undoOptions, type Import } from "./queries";

/** What can be done with an import that is over: show the people, put them on a campaign, undo it. */
export function DoneActions({ value: i }: { value: Import }) {
  const go = useGoTo();
  const may = { write: useMay("imports:write"), enroll: useMay("campaigns:write") && useMay("leads:write") };
  const [open, setOpen] = useState<"campaign" | "undo">();
  const there = i.status !== "undone" && i.created > 0;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {there && (
        <Button look="primary" onClick={() => go("/leads", { import_id: i.id })}>
          {w.imports.showPeople(i.created)}
        </Button>
      )}
      {there && may.enroll && <Button onClick={() => setOpen("campaign")}>{w.imports.toCampaign}</Button>}
      <Errors value={i} />
      {may.write && i.status !== "undone" && (
        <Button look="quiet" onClick={() => setOpen("undo")}>
          {w.imports.undo}
        </Button>
      )}
      {open === "campaign" && <BulkDialog action="enroll" count={i.created} filters={{ import_id: i.id }} onClose={() => setOpen(undefined)} onJobs={(jobs) => go("/leads", { import_id: i.id, job: jobs.join(",") })} />}
      {open === "undo" && <Undo value={i} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

/** Says what an undo removes and keeps before it does so. */
function Undo({ value: i, onClose }: { value: Import; onClose: () => void }) {
  const { org } = useSession();
  const asked = useQuery(undoOptions(org, i.id));
  const undo = useWrite({
    run: (_: void, header) => must(api.POST("/v1/imports/{id}/undo", { params: { path: { id: i.id }, header } })),
    stale: () => [[org, "imports"], [org, "leads"], [org, "lead-rows"]],
    done: onClose,
  });
  const p = asked.data;
  return (
    <Modal
      open
      onClose={onClose}
      title={w.imports.undoTitle}
      about={w.imports.undoAbout}
      footer={
        <>
          <Button onClick={onClose}>{w.imports.cancel}</Button>
          {p && (
            <Button look="danger" busy={undo.isPending} onClick={() => undo.mutate()}>
              {w.imports.undoDo(p.remove)}
            </Button>
          )}
        </>
      }
    >
      {asked.error ? (
        <ProblemNote error={asked.error} />
      ) : p ? (
        <p>
          <span className="font-medium">{w.imports.undoSays(p.remove, p.keep)}</span>
          {p.keep > 0 && <span className="text-text-2">: {w.imports.undoKeeps(p.enrolled, p.edited)}</span>}
        </p>
      ) : (
        <Skeleton className="w-64" />
      )}
    </Modal>
  );
}
