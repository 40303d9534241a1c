import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { must, type Schemas } from "@/api/client";
import { limitName, limitText } from "@/app/places/settings/limit-text";
import { useWrite } from "@/app/query";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { billing as s } from "@/words/en/billing";
import { platform } from "./client";
import { readOverrides, sameOverrides } from "./overrides-rules";
import { organizationOptions, plansOptions } from "./queries";

/** What an organisation uses of its plan, and the limits that were agreed for it alone. */
export function Overrides({ organization: id }: { organization: string }) {
  const one = useQuery(organizationOptions(id));
  const plans = useQuery(plansOptions());
  if (one.error || plans.error) return <ProblemNote error={(one.error ?? plans.error)!} onRetry={() => void Promise.all([one.refetch(), plans.refetch()])} />;
  if (!one.data || !plans.data) return <SkeletonRows rows={3} />;
  const o = one.data;
  const n = Object.keys(o.overrides).length;
  return (
    <>
      <dl aria-label={s.used} className="mb-4 grid grid-cols-[1fr_auto] gap-x-6 gap-y-1 text-table">
        {o.usage.lines.map((l) => (
          <div key={l.key} className="contents">
            <dt className="text-text-2">{limitName(l.key)}</dt>
            <dd className="text-right tabular-nums">
              {limitText(l.key, l.used)} <span className="text-text-3">{(l.limit ?? -1) < 0 ? w.settings.usage.ofUnlimited : w.settings.usage.ofText(limitText(l.key, l.limit!))}</span>
            </dd>
          </div>
        ))}
      </dl>
      <details className="mb-4 border-y py-2">
        <summary className="min-h-6 cursor-pointer font-medium">
          {s.overrides} <span className="font-normal text-text-3">{n > 0 ? s.overridesSet(n) : s.overridesNone}</span>
        </summary>
        <Agreement key={JSON.stringify(o.overrides)} of={o} base={plans.data.find((p) => p.name === o.organization.plan)?.limits} />
      </details>
    </>
  );
}

function Agreement({ of: o, base }: { of: Schemas["AdminOrganization"]; base?: Schemas["Limits"] }) {
  const names = Object.keys(o.usage.limits) as (keyof Schemas["Limits"])[];
  const [typed, setTyped] = useState<Record<string, string>>(Object.fromEntries(Object.entries(o.overrides).map(([k, n]) => [k, String(n)])));
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<{ name?: string; text: string }>();
  const read = readOverrides(typed);
  const save = useWrite({
    run: async (overrides: Record<string, number>, headers) => must(platform.PUT("/v1/admin/organizations/{id}/limits", { params: { path: { id: o.organization.id }, header: headers }, body: { overrides, reason } })),
    stale: () => [["operator", "organizations"]],
    done: () => toast.say(s.overridesSaved),
    onProblem: (err) => {
      setWrong({ text: err.problem.errors?.[0]?.reason || err.problem.detail || err.problem.title });
      return true;
    },
  });
  return (
    <form
      className="flex flex-col gap-3 pt-3"
      onSubmit={(e) => {
        e.preventDefault();
        setWrong(read.wrong ? { name: read.wrong, text: s.overridesWrong } : undefined);
        if (!read.wrong) save.mutate(read.overrides);
      }}
    >
      <p className="text-meta text-text-3">{s.overridesHint}</p>
      <div className="grid grid-cols-[1fr_auto_7rem] items-center gap-x-4 gap-y-1 text-table">
        {names.map((k) => (
          <div key={k} className="contents">
            <span className="text-text-2">{limitName(k)}</span>
            <span className="text-right text-text-3 tabular-nums">{base ? limitText(k, base[k]) : ""}</span>
            <TextField label={limitName(k)} hideLabel inputMode="numeric" placeholder={s.overridesPlan} value={typed[k] ?? ""} aria-invalid={wrong?.name === k ? true : undefined} onChange={(e) => setTyped({ ...typed, [k]: e.target.value })} />
          </div>
        ))}
      </div>
      <TextField label={s.overridesReason} hint={w.operator.reasonHint} value={reason} onChange={(e) => setReason(e.target.value)} />
      {wrong && (
        <p role="alert" className="text-bad">
          {wrong.name ? `${limitName(wrong.name)}: ` : ""}
          {wrong.text}
        </p>
      )}
      <Button type="submit" busy={save.isPending} why={!read.wrong && sameOverrides(read.overrides, o.overrides) ? w.operator.nothingChanged : undefined} className="self-start">
        {s.overridesSave}
      </Button>
    </form>
  );
}
