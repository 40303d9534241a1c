import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, must } from "@/api/client";
import { Go } from "@/app/go";
import { Needs, useCan } from "@/app/may";
import { Page, Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { Again } from "./again";
import { Arms, Conclusion, StatusChip } from "./parts";
import { Plan } from "./plan";
import { experimentOptions, type Experiment } from "./queries";
import WhatIfRules from "./what-if";

const s = w.experiments;

export function ExperimentPage() {
  const { org } = useSession();
  const { id } = useParams({ strict: false }) as { id: string };
  const x = useQuery(experimentOptions(org, id));
  return (
    <Needs permission="analytics:read" title={s.title}>
      <Page title={x.data?.name ?? s.title} about={x.data && <StatusChip experiment={x.data} />} actions={x.data && <Actions experiment={x.data} />}>
        {x.isError && !x.data ? <ProblemNote error={x.error} onRetry={() => void x.refetch()} /> : x.data ? <Body experiment={x.data} /> : <SkeletonRows />}
      </Page>
    </Needs>
  );
}

function Body({ experiment: x }: { experiment: Experiment }) {
  const nameOf = (arm: string) => x.arms.find((a) => a.arm_id === arm)?.name ?? arm.slice(0, 8);
  return (
    <div className="flex flex-col gap-8 px-4 pb-12 sm:px-6">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-table text-text-2">
        <Go path="/analytics/experiments" className="text-accent-text">
          {s.title}
        </Go>
        <Go path={`/campaigns/${x.campaign_id}`} className="text-accent-text">
          {x.campaign ?? s.campaign}
        </Go>
        {x.hypothesis && <span className="max-w-[72ch]">{x.hypothesis}</span>}
      </p>
      {x.standing && (
        <Section title={s.standing} actions={x.as_of && <span className="text-table text-text-3">{s.asOf} <Time at={x.as_of} absolute /></span>}>
          {x.decided && (
            <p className="pb-2">
              {s.wasDecided(nameOf(x.decided.arm_id))} {x.ended_at && <Time at={x.ended_at} absolute />}. {!x.standing.decided && <span className="text-text-2">{s.sinceThen}</span>}
            </p>
          )}
          <Conclusion verdict={x.standing} nameOf={nameOf} />
          <Arms verdict={x.standing} metric={x.metric} nameOf={nameOf} />
        </Section>
      )}
      <Plan experiment={x} />
      {x.standing && <Again experiment={x} nameOf={nameOf} />}
      {x.standing && <WhatIfRules experiment={x} nameOf={nameOf} />}
    </div>
  );
}

function Actions({ experiment: x }: { experiment: Experiment }) {
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
