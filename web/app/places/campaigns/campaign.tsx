import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { MoreHorizontal } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Page } from "@/app/page";
import { PastOrProblem } from "@/app/past-note";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button, IconButton } from "@/ui/button";
import { TextField } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { Menu, Modal, type MenuEntry } from "@/ui/overlay";
import { Tabs } from "@/ui/tabs";
import { SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { useCampaignActions } from "./actions";
import { StatusChip } from "./parts";
import { campaignOptions, countOptions, type Campaign } from "./queries";
import { tabs, type Tab } from "./search";

const bodies = {
  overview: lazy(() => loadPart(() => import("./overview"))),
  steps: lazy(() => loadPart(() => import("./steps"))),
  people: lazy(() => loadPart(() => import("./people"))),
  messages: lazy(() => loadPart(() => import("./messages"))),
  schedule: lazy(() => loadPart(() => import("./schedule"))),
  experiment: lazy(() => loadPart(() => import("./experiment"))),
  history: lazy(() => loadPart(() => import("./history"))),
  launch: lazy(() => loadPart(() => import("./launch"))),
};

/** Everything about a campaign, in tabs that the URL knows. */
export function CampaignPage() {
  const { org, slug } = useSession();
  const at = useAt();
  const { id, tab } = useParams({ strict: false }) as { id: string; tab: Tab };
  const go = useNavigate();
  const campaign = useQuery(campaignOptions(org, id, at));
  const mayRead = useMay("messages:read");
  const mayJudge = useMay("analytics:read");
  const Body = bodies[tab];
  if (campaign.isError && !campaign.data) return <Page title={w.campaigns.title}>{<PastOrProblem error={campaign.error} onRetry={() => void campaign.refetch()} />}</Page>;
  const c = campaign.data;
  const shown = tabs.filter((t) => (t === "messages" ? mayRead : t === "experiment" ? mayJudge : t === "launch" ? c?.status === "draft" || tab === "launch" : true));
  return (
    <Page title={c?.name ?? w.campaigns.title} about={c && <StatusChip campaign={c} />} actions={c && !at && <Actions campaign={c} tab={tab} />} fill>
      <Tabs<Tab>
        label={w.campaigns.title}
        value={tab}
        onChange={(t) => void go({ to: `/o/${slug}/campaigns/${id}/${t}` as "/", search: ((s: { at?: string }) => ({ at: s.at })) as never })}
        tabs={shown.map((t) => ({ value: t, label: w.campaigns.tabs[t]!, count: t === "people" ? c?.enrolled : t === "steps" ? c?.steps.length : undefined }))}
      >
        {c ? (
          <Suspense fallback={<SkeletonRows />}>
            <Body campaign={c} />
          </Suspense>
        ) : (
          <SkeletonRows />
        )}
      </Tabs>
    </Page>
  );
}

function Actions({ campaign, tab }: { campaign: Campaign; tab: Tab }) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const write = useMay("campaigns:write");
  const send = useMay("campaigns:send");
  const act = useCampaignActions(campaign);
  const [asking, setAsking] = useState<"complete" | "rename" | "remove" | "">("");
  const live = campaign.status === "active" || campaign.status === "idle" || campaign.status === "paused";
  const entries: MenuEntry[] = [];
  const archived = !!campaign.archived_at;
  if (write && !archived) entries.push({ label: w.campaigns.rename, onSelect: () => setAsking("rename") }, { label: w.campaigns.copy, onSelect: () => act.copy.mutate() });
  if (live && send) entries.push("line", { label: w.campaigns.completeMenu, onSelect: () => setAsking("complete") });
  if (write && (campaign.status === "draft" || campaign.status === "completed")) entries.push("line", archived ? { label: w.campaigns.unarchive, onSelect: () => act.unarchive.mutate() } : { label: w.campaigns.archive, onSelect: () => act.archive.mutate() });
  if (campaign.status === "draft" && write && !archived) entries.push("line", { label: w.campaigns.remove_, onSelect: () => setAsking("remove") });
  const close = () => setAsking("");
  return (
    <>
      {(campaign.status === "active" || campaign.status === "idle") && send && (
        <Button busy={act.pause.isPending} onClick={() => act.pause.mutate()}>
          {w.campaigns.pause}
        </Button>
      )}
      {campaign.status === "paused" && send && (
        <Button look="primary" busy={act.resume.isPending} onClick={() => act.resume.mutate()}>
          {w.campaigns.resume}
        </Button>
      )}
      {campaign.status === "draft" && tab !== "launch" && !archived && (
        <Button look="primary" onClick={() => void go({ to: `/o/${slug}/campaigns/${campaign.id}/launch` as "/" })}>
          {w.campaigns.checkAndLaunch}
        </Button>
      )}
      {entries.length > 0 && (
        <Menu
          trigger={
            <IconButton label={w.campaigns.moreActions}>
              <MoreHorizontal size={16} aria-hidden />
            </IconButton>
          }
          entries={entries}
        />
      )}
      {asking === "complete" && <Complete campaign={campaign} org={org} onClose={close} run={() => act.complete.mutate(undefined, { onSettled: close })} busy={act.complete.isPending} />}
      {asking === "rename" && <Rename name={campaign.name} onClose={close} run={(n) => act.rename.mutate(n, { onSuccess: close })} busy={act.rename.isPending} />}
      <Modal
        open={asking === "remove"}
        onClose={close}
        title={w.campaigns.removeTitle}
        about={w.campaigns.removeAbout}
        footer={
          <>
            <Button onClick={close}>{w.campaigns.cancel}</Button>
            <Button look="danger" busy={act.remove.isPending} onClick={() => act.remove.mutate(undefined, { onError: close })}>
              {w.campaigns.removeButton}
            </Button>
          </>
        }
      />
    </>
  );
}

function Complete({ campaign, org, onClose, run, busy }: { campaign: Campaign; org: string; onClose: () => void; run: () => void; busy: boolean }) {
  const active = useQuery(countOptions(org, campaign.id, "active"));
  const paused = useQuery(countOptions(org, campaign.id, "paused"));
  const deferred = useQuery(countOptions(org, campaign.id, "deferred"));
  const n = (active.data ?? 0) + (paused.data ?? 0) + (deferred.data ?? 0);
  return (
    <Modal
      open
      onClose={onClose}
      title={w.campaigns.completeTitle}
      about={w.campaigns.completeAbout(n)}
      footer={
        <>
          <Button onClick={onClose}>{w.campaigns.cancel}</Button>
          <Button look="danger" busy={busy || active.isPending} onClick={run}>
            {w.campaigns.complete(n)}
          </Button>
        </>
      }
    />
  );
}

function Rename({ name, onClose, run, busy }: { name: string; onClose: () => void; run: (name: string) => void; busy: boolean }) {
  const [text, setText] = useState(name);
  return (
    <Modal open onClose={onClose} title={w.campaigns.renameTitle}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          if (text.trim()) run(text.trim());
        }}
      >
        <TextField label={w.campaigns.name} value={text} maxLength={200} onChange={(e) => setText(e.target.value)} error={text.trim() ? undefined : w.campaigns.nameMissing} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.campaigns.cancel}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {w.campaigns.save}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
