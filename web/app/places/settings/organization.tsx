import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CopyText } from "@/ui/copy";
import { SelectField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { DeleteOrganization } from "./delete-organization";
import { Body, Row, SaveText } from "./row";
import { undoOptions } from "./undo-options";

type Organization = Schemas["Organization"];
type Patch = Pick<Schemas["OrganizationPatch"], "name" | "time_zone" | "postal_address" | "person_gap_minutes" | "reply_undo_seconds">;
type Change = { patch: Patch; version: number; saved?: () => void; undo?: Patch };

const s = w.settings.organization;

export default function OrganizationSection() {
  const { org } = useSession();
  const at = useAt();
  const can = useCan("organization:manage");
  const client = useQueryClient();
  const asked = useQuery(at ? { queryKey: [org, "organization", at], queryFn: () => must(api.GET("/v1/organizations/{id}", { params: { path: { id: org }, query: { at } } })) } : organizationOptions(org));
  const [clash, setClash] = useState<Change>();
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const change = useWrite({
    run: async (c: Change, headers) => settled(await must(api.PATCH("/v1/organizations/{id}", { params: { path: { id: org }, header: { ...headers, "If-Match": `"${c.version}"` } }, body: c.patch, headers: { "Content-Type": "application/merge-patch+json" } as Record<string, string> }))),
    stale: () => [[org, "organization"], [org, "me"]],
    done: (c, o) => {
      setWrong({});
      setClash(undefined);
      c.saved?.();
      if (o) client.setQueryData(organizationOptions(org).queryKey, o);
      if (c.undo && o) toast.say(s.changed, () => change.mutate({ patch: c.undo!, version: o.version }));
    },
    onProblem: (err, c) => {
      if (err.status === 412) {
        setClash(c);
        void client.invalidateQueries({ queryKey: [org, "organization"] });
        return true;
      }
      if (err.problem.errors?.length) {
        setWrong(Object.fromEntries(err.problem.errors.map((e) => [e.field, e.reason])));
        return true;
      }
    },
  });
  if (asked.error) return <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />;
  const o = asked.data;
  if (!o) return <SkeletonRows rows={6} />;
  const save = (key: "name" | "postal_address") => (v: string, saved: () => void) => change.mutate({ patch: { [key]: v }, version: o.version, saved });
  return (
    <Body>
      <div>
        <Row label={s.name} hint={s.nameHint}>
          <SaveText name={org + ".name"} label={s.name} value={o.name} off={!can} onSave={save("name")} busy={change.isPending} error={wrong.name} />
        </Row>
        <Row label={s.postalAddress} hint={s.postalHint}>
          <SaveText name={org + ".postal"} label={s.postalAddress} value={o.postal_address} off={!can} onSave={save("postal_address")} busy={change.isPending} multiline error={wrong.postal_address} />
        </Row>
        <Row label={s.zone} hint={s.zoneHint}>
          {can ? (
            <SelectField label={s.zone} hideLabel value={o.time_zone} options={zones(o.time_zone)} onChange={(e) => change.mutate({ patch: { time_zone: e.target.value }, version: o.version, undo: { time_zone: o.time_zone } })} className="max-w-xs" error={wrong.time_zone} />
          ) : (
            o.time_zone
          )}
        </Row>
        <Row label={s.gap} hint={s.gapHint}>
          {can ? (
            <SelectField
              label={s.gap}
              hideLabel
              className="max-w-xs"
              value={String(o.person_gap_minutes)}
              options={gaps(o.person_gap_minutes)}
              onChange={(e) => change.mutate({ patch: { person_gap_minutes: Number(e.target.value) }, version: o.version, undo: { person_gap_minutes: o.person_gap_minutes } })}
            />
          ) : (
            s.gapOf(o.person_gap_minutes)
          )}
        </Row>
        <Row label={s.undo} hint={s.undoHint}>
          {can ? (
            <SelectField
              label={s.undo}
              hideLabel
              className="max-w-xs"
              value={String(o.reply_undo_seconds)}
              options={undoOptions(o.reply_undo_seconds)}
              onChange={(e) => change.mutate({ patch: { reply_undo_seconds: Number(e.target.value) }, version: o.version, undo: { reply_undo_seconds: o.reply_undo_seconds } })}
            />
          ) : (
            s.undoOf(o.reply_undo_seconds)
          )}
        </Row>
        <Row label={s.slug} hint={s.slugHint}>
          <CopyText label="" text={o.slug} />
        </Row>
        <Row label={s.id} hint={s.idHint}>
          <CopyText label="" text={o.id} />
        </Row>
        <Row label={s.status} hint={s.statusHint}>
          <div className="flex flex-wrap items-center gap-2">
            <Chip tone={o.status === "active" ? "good" : o.status === "past_due" ? "warn" : "bad"}>{s.statuses[o.status]}</Chip>
            {o.status_reason && <span>{o.status_reason}</span>}
            {o.trial_ends_at && (
              <span className="text-text-2">
                {s.trial} <Time at={o.trial_ends_at} />
              </span>
            )}
          </div>
        </Row>
      </div>
      <DeleteOrganization organization={o} />
      {clash && <Clash mine={clash} theirs={o} busy={change.isPending} onKeep={() => change.mutate({ ...clash, version: o.version })} onDrop={() => (clash.saved?.(), setClash(undefined))} />}
    </Body>
  );
}

function Clash({ mine, theirs, busy, onKeep, onDrop }: { mine: Change; theirs: Organization; busy: boolean; onKeep: () => void; onDrop: () => void }) {
  const fields = Object.keys(mine.patch) as (keyof Patch)[];
  return (
    <Modal
      open
      onClose={onDrop}
      title={w.settings.clash.title}
      about={w.settings.clash.about}
      footer={
        <>
          <Button onClick={onDrop}>{w.settings.clash.theirs}</Button>
          <Button look="primary" busy={busy} onClick={onKeep}>
            {w.settings.clash.mine}
          </Button>
        </>
      }
    >
      <table className="w-full text-left">
        <thead className="text-table text-text-3">
          <tr>
            <th className="pb-2 font-medium">{w.settings.clash.field}</th>
            <th className="pb-2 font-medium">{w.settings.clash.now}</th>
            <th className="pb-2 font-medium">{w.settings.clash.yours}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((f) => (
            <tr key={f} className="border-t align-top">
              <td className="py-2 pr-4 text-text-2">{w.settings.clash.fields[f] ?? f}</td>
              <td className="py-2 pr-4 whitespace-pre-line">{String(theirs[f])}</td>
              <td className="py-2 whitespace-pre-line">{String(mine.patch[f])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}

function zones(now: string) {
  const all = Intl.supportedValuesOf("timeZone");
  return [...new Set([now, "UTC", ...all])].map((z) => ({ value: z, label: z.replaceAll("_", " ") }));
}

function gaps(now: number) {
  return [...new Set([now, 0, 60, 360, 1440, 2880, 4320, 10_080])].sort((a, b) => a - b).map((m) => ({ value: String(m), label: s.gapOf(m) }));
}
