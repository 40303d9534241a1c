import { useState } from "react";
import { api, must } from "@/api/client";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import type { Experiment } from "./queries";

const s = w.experiments;

/** What can be done with an experiment now. */
export function Actions({ experiment: x }: { experiment: Experiment }) {
  const { org } = useSession();
  const write = useCan("campaigns:write");
  const send = useCan("campaigns:send");
  const [deciding, setDeciding] = useState(false);
  const stale = () => [[org, "experiments"], [org, "campaigns"]];
  const path = { id: x.id };
  const start = useWrite({ run: (_: void, header) => must(api.POST("/v1/experiments/{id}/start", { params: { path, header } })), stale });
  const stop = useWrite({ run: (_: void, header) => must(api.POST("/v1/experiments/{id}/stop", { params: { path, header } })), stale });
  return (
    <>
      {(x.status === "draft" || x.status === "running") && write && (
        <Button busy={stop.isPending} onClick={() => stop.mutate()}>
          {s.stop}
        </Button>
      )}
      {x.status === "draft" && send && (
        <Button look="primary" busy={start.isPending} title={s.startAbout} onClick={() => start.mutate()}>
          {s.start}
        </Button>
      )}
      {x.status === "running" && send && (
        <Button look="primary" onClick={() => setDeciding(true)}>
          {s.decide}
        </Button>
      )}
      {deciding && <Decide experiment={x} onClose={() => setDeciding(false)} />}
    </>
  );
}

function Decide({ experiment: x, onClose }: { experiment: Experiment; onClose: () => void }) {
  const { org } = useSession();
  const going = x.arms.filter((a) => !x.stopped_arms.includes(a.arm_id));
  const best = [...(x.standing?.arms ?? [])].sort((a, b) => b.p_best - a.p_best)[0]?.arm_id ?? going[0]!.arm_id;
  const [arm, setArm] = useState(best);
  const [promote, setPromote] = useState(true);
  const decide = useWrite({
    run: (_: void, header) => must(api.POST("/v1/experiments/{id}/decide", { params: { path: { id: x.id }, header }, body: { arm_id: arm, promote } })),
    stale: () => [[org, "experiments"], [org, "campaigns"]],
    done: onClose,
  });
  const name = going.find((a) => a.arm_id === arm)?.name ?? "";
  return (
    <Modal
      open
      onClose={onClose}
      title={s.decideTitle}
      about={s.decideAbout}
      footer={
        <>
          <Button onClick={onClose}>{s.cancel}</Button>
          <Button look="primary" busy={decide.isPending} onClick={() => decide.mutate()}>
            {s.decideButton(name)}
          </Button>
        </>
      }
    >
      <fieldset className="mb-4 flex flex-col divide-y border-y">
        <legend className="mb-1 text-table font-medium text-text-2">{s.arm}</legend>
        {going.map((a) => (
          <label key={a.arm_id} className="flex min-h-9 cursor-pointer items-center gap-3 px-2 hover:bg-surface-1">
            <input type="radio" name="arm" checked={arm === a.arm_id} onChange={() => setArm(a.arm_id)} className="size-4 accent-(--accent)" />
            {a.name}
          </label>
        ))}
      </fieldset>
      <CheckField label={s.promote} checked={promote} onChange={(e) => setPromote(e.target.checked)} />
    </Modal>
  );
}
