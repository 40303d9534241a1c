import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Menu, Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { FlagEditor } from "./flag-editor";
import { KillFlag } from "./flag-kill";
import { percentOf, stateOf } from "./flag-rules";
import { flagHistoryOptions, flagsOptions } from "./queries";
import { Trials } from "./trials";

type Flag = Schemas["Flag"];
const s = w.operator;
const tones = { killed: "bad", off: "plain", waiting: "warn", over: "plain", on: "good" } as const;

/** Feature flags: whom each reaches, and what would change before it is changed. */
export function Flags() {
  const list = useQuery(flagsOptions());
  const [editing, setEditing] = useState<Flag | "new">();
  const [killing, setKilling] = useState<Flag>();
  const [past, setPast] = useState<Flag>();
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows />;
  return (
    <div className="flex max-w-4xl flex-col gap-3 px-4 py-4 sm:px-6">
      <p className="max-w-[72ch] text-text-2">{s.flagsAbout}</p>
      <Button look="primary" className="self-start" onClick={() => setEditing("new")}>
        {s.addFlag}
      </Button>
      <ul>
        {list.data.map((f) => (
          <li key={f.name} className="flex flex-wrap items-start gap-x-6 gap-y-1 border-b py-3 text-table">
            <span className="min-w-0 flex-1 basis-72">
              <span className="mono font-medium">{f.name}</span> <Chip tone={tones[stateOf(f)]}>{s.states[stateOf(f)]}</Chip>
              <span className="block text-text-2">{f.rule.description || f.guards}</span>
              {f.version > 0 && !f.guards && <span className="block text-text-3">{s.guardsNothing}</span>}
            </span>
            <span className="w-56 text-text-2">
              {f.version === 0 ? s.noFlag : s.ruleText(f.rule.enabled && !f.killed, percentOf(f.rule.rollout), f.rule.plans.join(", "), f.rule.organizations.length)}
              <span className="block text-text-3">
                {s.reached}: {s.reachedOf(formatCount(f.reached), formatCount(f.organizations))}
              </span>
            </span>
            <span className="flex w-32 justify-end">
              {f.version === 0 ? (
                <Button size="small" onClick={() => setEditing(f)}>
                  {s.edit}
                </Button>
              ) : (
                <Menu
                  trigger={
                    <Button size="small" aria-label={`${s.edit}: ${f.name}`}>
                      {s.edit}
                    </Button>
                  }
                  entries={[
                    { label: s.edit, onSelect: () => setEditing(f) },
                    { label: s.history, onSelect: () => setPast(f) },
                    { label: f.killed ? s.revive(f.name) : s.kill(f.name), onSelect: () => setKilling(f) },
                  ]}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      <Trials flags={list.data} />
      {editing && <FlagEditor flag={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {killing && <KillFlag flag={killing} onClose={() => setKilling(undefined)} />}
      {past && <History flag={past} onClose={() => setPast(undefined)} />}
    </div>
  );
}

function History({ flag, onClose }: { flag: Flag; onClose: () => void }) {
  const list = useQuery(flagHistoryOptions(flag.name));
  return (
    <Modal open onClose={onClose} title={flag.name} about={s.history} wide>
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <SkeletonRows />}
      <ol>
        {list.data?.map((v) => (
          <li key={v.version} className="flex flex-wrap gap-x-4 border-b py-2 text-table">
            <span className="w-8 text-right text-text-3">{v.version}</span>
            <span className="min-w-0 flex-1 basis-64">
              {s.flagChanges[v.change] ?? v.change}: {s.ruleText(v.rule.enabled && !v.killed, percentOf(v.rule.rollout), v.rule.plans.join(", "), v.rule.organizations.length)}
              {v.reason && <span className="block text-text-2">{v.reason}</span>}
            </span>
            <span className="mono min-w-0 truncate text-text-3">{v.by}</span>
            <Time at={v.at} />
          </li>
        ))}
      </ol>
    </Modal>
  );
}
