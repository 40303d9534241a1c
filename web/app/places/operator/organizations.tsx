import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { Empty, NoMatch, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { platform } from "./client";
import { Overrides } from "./overrides";
import { organizationsOptions, plansOptions } from "./queries";
import type { OperatorSearch } from "./routes";
import { Use } from "./use";

type Organization = Schemas["Organization"];
const s = w.operator;
const tones = { active: "good", past_due: "warn", suspended: "bad", cancelled: "bad" } as const;

export function Organizations() {
  const { q = "" } = useSearch({ strict: false }) as OperatorSearch;
  const go = useNavigate();
  const list = useInfiniteQuery(organizationsOptions());
  const [editing, setEditing] = useState<Organization>();
  const all = useMemo(() => list.data?.pages.flatMap((p) => p.data) ?? [], [list.data]);
  const wanted = q.toLowerCase();
  const rows = wanted ? all.filter((o) => `${o.slug} ${o.name} ${o.id} ${o.plan}`.toLowerCase().includes(wanted)) : all;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns: Column<Organization>[] = [
    { id: "name", label: s.name, width: "minmax(12rem,2fr)", cell: (o) => <span className="font-medium">{o.name}</span> },
    { id: "slug", label: s.slug, width: "minmax(9rem,1fr)", cell: (o) => <span className="mono">{o.slug}</span> },
    { id: "plan", label: s.plan, width: "8rem", cell: (o) => o.plan },
    {
      id: "status",
      label: s.status,
      width: "minmax(9rem,1.5fr)",
      cell: (o) => (
        <>
          <Chip tone={o.deletion_requested_at ? "bad" : tones[o.status]}>{o.deletion_requested_at ? s.deleted : w.settings.organization.statuses[o.status]}</Chip> <span className="text-text-3">{o.status_reason}</span>
        </>
      ),
    },
    { id: "created", label: s.created, width: "8rem", cell: (o) => <Time at={o.created_at} /> },
  ];
  const set = (text?: string) => void go({ to: ".", search: (x: Record<string, unknown>) => ({ ...x, q: text || undefined }), replace: true } as never);
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-3 px-4 py-3 sm:px-6">
        <TextField label={s.find} hideLabel type="search" placeholder={s.find} className="w-64" value={q} onChange={(e) => set(e.target.value)} />
        <span className="text-table text-text-3">
          {formatCount(rows.length)}
          {hasNextPage ? ` ${s.soFar}` : ""}
        </span>
      </div>
      <Table label={s.organizations} rows={rows} columns={columns} idOf={(o) => o.id} loading={list.isPending} more={hasNextPage ? more : undefined} onOpen={setEditing} empty={q ? <NoMatch filters={`“${q}”`} total={all.length} onClear={() => set()} /> : <Empty title={s.empty} />} />
      {editing && <Change organization={editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

/** What an operator may change of an organisation, with what it uses. */
export function Change({ organization: o, onClose }: { organization: Organization; onClose: () => void }) {
  const plans = useQuery(plansOptions());
  const [plan, setPlan] = useState(o.plan);
  const [status, setStatus] = useState(o.status);
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState("");
  const save = useWrite({
    run: async (_: void, headers) =>
      must(
          platform.PATCH("/v1/organizations/{id}", {
            params: { path: { id: o.id }, header: { ...headers, "If-Match": `"${o.version}"` } },
            body: { ...(plan !== o.plan ? { plan } : {}), ...(status !== o.status ? { status, status_reason: reason } : {}) },
            headers: { "Content-Type": "application/merge-patch+json" },
          }),
      ),
    stale: () => [["operator", "organizations"]],
    done: () => {
      onClose();
      toast.say(s.changed(o.name));
    },
    onProblem: (err) => {
      setWrong(err.status === 412 ? s.clash : err.problem.errors?.[0]?.reason || err.problem.detail || err.problem.title);
      return true;
    },
  });
  const restore = useWrite({
    run: async (_: void, headers) => must(platform.POST("/v1/organizations/{id}/restore", { params: { path: { id: o.id }, header: headers } })),
    stale: () => [["operator", "organizations"]],
    done: onClose,
  });
  const what = [plan !== o.plan && s.toPlan(plan), status !== o.status && s.toStatus(w.settings.organization.statuses[status])].filter(Boolean).join(", ");
  return (
    <Modal open onClose={onClose} title={o.name} about={`${o.slug} · ${o.id}`}>
      <Use organization={o.id} />
      {!o.deletion_requested_at && <Overrides organization={o.id} />}
      {o.deletion_requested_at ? (
        <div className="flex flex-col items-start gap-3">
          <p>
            {s.erasedAt} <Time at={o.erase_at} absolute />
          </p>
          <Button look="primary" busy={restore.isPending} onClick={() => restore.mutate()}>
            {s.restore(o.name)}
          </Button>
        </div>
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(e) => {
            e.preventDefault();
            if (what) save.mutate();
          }}
        >
          <SelectField label={s.plan} value={plan} onChange={(e) => setPlan(e.target.value)} options={[...new Set([o.plan, ...(plans.data ?? []).map((p) => p.name)])].map((p) => ({ value: p, label: p }))} />
          <SelectField label={s.status} value={status} onChange={(e) => setStatus(e.target.value as typeof status)} options={Object.entries(w.settings.organization.statuses).map(([value, label]) => ({ value, label }))} hint={s.statusHints[status]} />
          {status !== o.status && <TextField label={s.reason} hint={s.reasonHint} required value={reason} onChange={(e) => setReason(e.target.value)} />}
          {wrong && (
            <p role="alert" className="text-bad">
              {wrong}
            </p>
          )}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{w.settings.cancel}</Button>
            <Button look={status !== o.status && status !== "active" ? "danger" : "primary"} type="submit" busy={save.isPending} why={what ? undefined : s.nothingChanged}>
              {what || w.settings.save}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
