import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { personName, useCampaigns, useMembers } from "@/app/names";
import { useChangeSearch } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { SelectField } from "@/ui/field";
import { Menu, Modal } from "@/ui/overlay";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { claims as words } from "@/words/en/claims";
import { AnswerAutomation } from "./answer-automation";
import { ClaimForm } from "./claim-form";
import { ClaimImport } from "./claim-import";
import { claimOptions, claimsOptions, type Claim } from "./claim-queries";
import type { SettingsSearch } from "./routes";
import { Body } from "./row";

/** What messages may say about the organisation itself, each sentence with its source and who approved it. */
export default function ClaimsSection() {
  const { org } = useSession();
  const can = useCan("claims:write");
  const retired = (useSearch({ strict: false }) as SettingsSearch).filter === "retired";
  const change = useChangeSearch();
  const list = useInfiniteQuery(claimsOptions(org, retired));
  const [doing, setDoing] = useState<"add" | "import" | "">("");
  const [editing, setEditing] = useState<Claim>();
  const [retiring, setRetiring] = useState<Claim>();
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  const buttons = can && (
    <>
      <Button look="primary" onClick={() => setDoing("add")}>
        {words.add}
      </Button>
      <Button onClick={() => setDoing("import")}>{words.import}</Button>
    </>
  );
  return (
    <Body>
      <div className="-mb-4 flex flex-wrap items-center gap-2">
        <SelectField
          label={words.shown.live}
          hideLabel
          className="w-40"
          value={retired ? "retired" : ""}
          onChange={(e) => change({ filter: e.target.value || undefined }, true)}
          options={[
            { value: "", label: words.shown.live },
            { value: "retired", label: words.shown.retired },
          ]}
        />
        <span role="status" className="text-table text-text-3">
          {list.data && !list.hasNextPage && rows.length > 0 && words.count(rows.length)}
        </span>
        {rows.length > 0 && <span className="ml-auto flex flex-wrap gap-2">{buttons}</span>}
      </div>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <SkeletonRows rows={4} />
      ) : rows.length === 0 ? (
        retired ? (
          <Empty title={words.emptyRetired} />
        ) : (
          <Empty title={words.empty} needs={words.emptyNeeds} action={<div className="flex flex-wrap gap-2">{buttons}</div>} />
        )
      ) : (
        <ul>
          {rows.map((c) => (
            <Row key={c.id} claim={c} can={can} onEdit={() => setEditing(c)} onRetire={() => setRetiring(c)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} className="self-start">
          {words.count(rows.length)} …
        </Button>
      )}
      {!retired && <AnswerAutomation />}
      {doing === "add" && <ClaimForm onClose={() => setDoing("")} />}
      {doing === "import" && <ClaimImport onClose={() => setDoing("")} />}
      {editing && <ClaimForm claim={editing} onClose={() => setEditing(undefined)} />}
      {retiring && <Retire claim={retiring} onClose={() => setRetiring(undefined)} />}
    </Body>
  );
}

function Row({ claim: c, can, onEdit, onRetire }: { claim: Claim; can: boolean; onEdit: () => void; onRetire: () => void }) {
  const campaign = useCampaigns().find((x) => x.id === c.campaign_id);
  const name = useActors();
  return (
    <li className="flex items-start gap-4 border-b py-3">
      <div className="min-w-0 flex-1">
        <p className={c.usable ? "break-words text-body" : "break-words text-body text-text-3"}>{c.text}</p>
        <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-meta text-text-3">
          <Source source={c.source} />
          <span>
            {words.approvedBy(name(c.approved_by))} <Time past at={c.approved_at} />
          </span>
          {c.valid_until && !c.retired_at && (
            <span>
              {words.ends} <Time at={c.valid_until} absolute />
            </span>
          )}
          {c.retired_at && (
            <span className="text-warn">
              {words.retiredBecause[c.retired_reason ?? ""]} <Time past at={c.retired_at} />
            </span>
          )}
          {campaign && <Chip>{words.ofCampaign(campaign.name)}</Chip>}
        </p>
        {c.version > 1 && <Versions claim={c} />}
      </div>
      {can && (
        <Menu
          trigger={
            <Button look="quiet" size="small" aria-label={words.actions(c.text)}>
              <Ellipsis size={16} aria-hidden />
            </Button>
          }
          entries={c.retired_at ? [{ label: words.again, onSelect: onEdit }] : [{ label: words.edit, onSelect: onEdit }, { label: words.retire, onSelect: onRetire }]}
        />
      )}
    </li>
  );
}

/** Names who approved something: "person:ID" is a member where that is known. */
function useActors() {
  const members = useMembers();
  return (actor: string) => {
    const [kind = "", id] = actor.split(":");
    return (kind === "person" && personName(members.find((m) => m.id === id))) || (words.actors[kind] ?? kind);
  };
}

function Source({ source }: { source: string }) {
  if (!/^https?:\/\//.test(source)) return <span className="min-w-0 break-words">{source}</span>;
  return (
    <a href={source} target="_blank" rel="noreferrer noopener" className="min-w-0 truncate text-accent-text hover:underline">
      {source.replace(/^https?:\/\/(www\.)?/, "")}
    </a>
  );
}

/** The versions before, read when somebody wants to see them. */
function Versions({ claim: c }: { claim: Claim }) {
  const { org } = useSession();
  const [open, setOpen] = useState(false);
  const said = useQuery({ ...claimOptions(org, c.id), enabled: open });
  const name = useActors();
  return (
    <details className="mt-1 text-table" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary className="min-h-6 text-text-2">{words.versions(c.version - 1)}</summary>
      <ol className="flex flex-col gap-1 pt-1">
        {said.data?.versions?.slice(1).map((v) => (
          <li key={v.version} className="text-text-2">
            <span className="break-words">{v.text}</span>{" "}
            <span className="text-meta text-text-3">
              {words.version(v.version)}, {v.source}, {words.approvedBy(name(v.approved_by))} <Time past at={v.approved_at} />
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Retire({ claim: c, onClose }: { claim: Claim; onClose: () => void }) {
  const { org } = useSession();
  const retire = useWrite({
    run: async (_: void, header) => settled(await must(api.POST("/v1/claims/{id}/retire", { params: { path: { id: c.id }, header } }))),
    stale: () => [[org, "claims"], [org, "messages"]],
    done: () => {
      onClose();
      toast.say(words.retired);
    },
  });
  return (
    <Modal
      open
      onClose={onClose}
      title={words.retireTitle}
      about={words.retireAbout}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" busy={retire.isPending} onClick={() => retire.mutate()}>
            {words.retireDo}
          </Button>
        </>
      }
    >
      <p className="break-words text-text-2">{c.text}</p>
    </Modal>
  );
}
