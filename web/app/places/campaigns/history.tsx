import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Schemas } from "@/api/client";
import { Go } from "@/app/go";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { changesOf, type StepText } from "./diff";
import { eventsOptions, type Campaign } from "./queries";
import { reasonInWords } from "./parts";

type Entry = Schemas["AuditEntry"];

/** What happened to a campaign, newest first; new versions of the steps with what is different. */
export default function History({ campaign }: { campaign: Campaign }) {
  const { org } = useSession();
  const may = useMay("audit:read");
  const list = useInfiniteQuery({ ...eventsOptions(org, campaign.id), enabled: may });
  const entries = useMemo(() => list.data?.pages.flatMap((p) => p.data).filter((e) => e.type.startsWith("campaign.")) ?? [], [list.data]);
  if (!may) return <p className="px-6 py-5 text-text-2">{w.campaigns.historyNo}</p>;
  if (list.isPending) return <SkeletonRows />;
  if (list.isError) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (entries.length === 0) return <Empty title={w.campaigns.historyEmpty} />;
  return (
    <div className="max-w-4xl px-4 py-4 sm:px-6">
      <ol className="flex flex-col">
        {entries.map((e, i) => (
          <li key={e.id} className="grid gap-x-4 border-b py-2 sm:grid-cols-[8rem_minmax(0,1fr)_auto]">
            <span className="text-table text-text-3">
              <Time at={e.time} />
            </span>
            <div className="min-w-0">
              <p>{sentence(e)}</p>
              {stepsOf(e) && <Changes now={stepsOf(e)!} before={before(entries, i)} />}
            </div>
            <span className="text-table text-text-3">{e.actor.name ?? w.campaigns.byWhom[e.actor.kind] ?? e.actor.kind}</span>
          </li>
        ))}
      </ol>
      <div className="flex items-center gap-4 py-3">
        {list.hasNextPage && (
          <Button size="small" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {w.campaigns.showMore}
          </Button>
        )}
        <Go path="/history" search={{ subject: campaign.id }} className="text-table text-accent-text">
          {w.campaigns.allOfIt}
        </Go>
      </div>
    </div>
  );
}

const stepsOf = (e: Entry) => (Array.isArray(e.data?.steps) && e.type !== "campaign.created.v2" && e.type !== "campaign.created.v1" ? (e.data.steps as StepText[]) : undefined);

function before(entries: Entry[], i: number): StepText[] {
  const e = entries.slice(i + 1).find((x) => Array.isArray(x.data?.steps));
  return (e?.data?.steps as StepText[] | undefined) ?? [];
}

function sentence(e: Entry): string {
  const name = e.type.replace(/\.v\d+$/, "").replace("campaign.", "");
  const text = w.campaigns.events[name] ?? name.replaceAll("_", " ");
  const reason = typeof e.data?.reason === "string" && e.data.reason !== "manual" ? `: ${reasonInWords(e.data.reason)}` : "";
  const version = typeof e.data?.steps_version === "number" && name === "revised" ? `: ${w.campaigns.version(e.data.steps_version)}` : "";
  const renamed = name === "renamed" && typeof e.data?.name === "string" ? `: “${e.data.name}”` : "";
  return text + reason + version + renamed;
}

function Changes({ now, before }: { now: StepText[]; before: StepText[] }) {
  const [open, setOpen] = useState(false);
  const changes = useMemo(() => changesOf(before, now), [before, now]);
  if (changes.length === 0) return null;
  return (
    <details className="text-table" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary className="min-h-6 text-text-2">{w.campaigns.changes(changes.length)}</summary>
      {open && <ChangeList changes={changes} />}
    </details>
  );
}

/** Differences of steps: what was there is struck out, what is there now stands below it. */
export function ChangeList({ changes }: { changes: ReturnType<typeof changesOf> }) {
  return (
    <ul className="flex flex-col gap-2 py-1">
      {changes.map((c, i) => (
        <li key={i} className="min-w-0">
          <p className="font-medium">{c.where}</p>
          {c.before !== "" && <del className="block max-w-[72ch] bg-bad-soft px-2 py-1 break-words whitespace-pre-wrap text-text-1 decoration-bad/60">{c.before}</del>}
          {c.after !== "" && <ins className="block max-w-[72ch] bg-good-soft px-2 py-1 break-words whitespace-pre-wrap text-text-1 no-underline">{c.after}</ins>}
        </li>
      ))}
    </ul>
  );
}
