import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/overlay";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { changesOf } from "./diff";
import { ChangeList } from "./history";
import { countOptions, type Campaign } from "./queries";
import type { useSteps } from "./use-steps";

type Store = ReturnType<typeof useSteps>;

/** Whether what is typed is safe, and of a live campaign the way to publish it. */
export function StepsBar({ campaign, store, may, problems }: { campaign: Campaign; store: Store; may: boolean; problems: number }) {
  const [publishing, setPublishing] = useState(false);
  const c = w.campaigns;
  const live = campaign.status !== "draft";
  if (store.saving === "conflict")
    return (
      <div role="alert" className="border-b bg-warn-soft px-4 py-3">
        <p className="font-medium">{c.conflict}</p>
        <p className="text-table text-text-2">{c.conflictAbout}</p>
        <div className="max-h-60 overflow-auto">
          <ChangeList changes={changesOf(store.server, store.steps)} />
        </div>
        <div className="mt-2 flex gap-2">
          <Button onClick={store.takeTheirs}>{c.takeTheirs}</Button>
          <Button look="primary" onClick={store.keepMine}>
            {c.keepMine}
          </Button>
        </div>
      </div>
    );
  const text = !may ? (campaign.status === "completed" ? c.readOnlyCompleted : c.readOnly) : live ? (store.changed ? c.notPublished : c.publishedVersion(campaign.steps_version)) : c.savings[store.saving];
  return (
    <>
      <div className="flex min-h-11 flex-wrap items-center gap-3 border-b px-4 py-1.5">
        <p role="status" className="text-table text-text-2">
          {text}
        </p>
        {may && live && store.changed && (
          <span className="ml-auto flex gap-2">
            <Button size="small" onClick={store.takeTheirs}>
              {c.discard}
            </Button>
            <Button size="small" look="primary" why={problems > 0 ? c.publishProblems : undefined} onClick={() => setPublishing(true)}>
              {c.publishMenu}
            </Button>
          </span>
        )}
        {store.saving === "failed" && (
          <Button size="small" onClick={() => void store.save()}>
            {w.states.retry}
          </Button>
        )}
      </div>
      {store.problem && <ProblemNote error={store.problem} />}
      {publishing && <Publish campaign={campaign} store={store} onClose={() => setPublishing(false)} />}
    </>
  );
}

/** What a new version means, with the difference, before it is made. */
function Publish({ campaign, store, onClose }: { campaign: Campaign; store: Store; onClose: () => void }) {
  const { org } = useSession();
  const c = w.campaigns;
  const active = useQuery(countOptions(org, campaign.id, "active"));
  const paused = useQuery(countOptions(org, campaign.id, "paused"));
  const deferred = useQuery(countOptions(org, campaign.id, "deferred"));
  const keep = (active.data ?? 0) + (paused.data ?? 0) + (deferred.data ?? 0);
  const next = campaign.steps_version + 1;
  return (
    <Modal
      open
      wide
      onClose={onClose}
      title={c.publishTitle(next)}
      about={c.publishAbout(keep, campaign.steps_version, next)}
      footer={
        <>
          <Button onClick={onClose}>{c.cancel}</Button>
          <Button
            look="primary"
            busy={store.saving === "saving"}
            onClick={async () => {
              if (await store.save()) toast.say(c.published(next));
              onClose();
            }}
          >
            {c.publish(next)}
          </Button>
        </>
      }
    >
      <ChangeList changes={changesOf(store.server, store.steps)} />
    </Modal>
  );
}
