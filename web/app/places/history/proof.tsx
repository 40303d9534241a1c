import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Download } from "lucide-react";
import { fetchSignedIn } from "@/api/client";
import { api, must, type Schemas } from "@/api/client";
import { organization } from "@/api/organization";
import { isProblem, ProblemError } from "@/api/problem";
import { Needs, useCan } from "@/app/may";
import { Page, Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CopyText } from "@/ui/copy";
import { ScrollRegion } from "@/ui/scroll-region";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { auditKeyOptions, reconciliationOptions } from "./queries";
import { VerifiedTo } from "./verified";

const s = w.history.verified;

/** What shows that nothing was changed: the export with its signatures, and whether both stores agree with the log. */
export function ProofPage() {
  return (
    <Needs permission="audit:read" title={s.title}>
      <Page title={s.title} about={s.about}>
        <div className="flex max-w-4xl flex-col gap-8 px-4 pb-12 sm:px-6">
          <VerifiedTo />
          <Stores />
          <Export />
          <Keys />
        </div>
      </Page>
    </Needs>
  );
}

function Stores() {
  const { org } = useSession();
  const can = useCan("audit:read");
  const r = useQuery(reconciliationOptions(org));
  const ask = useWrite({ run: (_: void, headers) => must(api.POST("/v1/reconciliation", { params: { header: headers } })), stale: () => [[org, "reconciliation"]] });
  const pending = r.data?.requested_at ?? (ask.data && (!r.data || r.data.checked_at < ask.data.requested_at) ? ask.data.requested_at : undefined);
  return (
    <Section
      title={s.stores}
      actions={
        can && (
          <Button size="small" busy={ask.isPending || !!pending} onClick={() => ask.mutate()}>
            {s.compare}
          </Button>
        )
      }
    >
      {r.error ? (
        <ProblemNote error={r.error} onRetry={() => void r.refetch()} />
      ) : r.data === undefined ? (
        <SkeletonRows rows={3} />
      ) : (
        <>
          {r.data && !r.data.agrees && (
            <div role="alert" className="mt-3 rounded-panel border border-bad bg-bad-soft p-4">
              <p className="flex items-center gap-2 font-medium text-bad">
                <CircleAlert size={16} aria-hidden /> {s.differ}
              </p>
              <p className="mt-1">{s.differHint}</p>
            </div>
          )}
          <p className="flex flex-wrap items-center gap-x-2 py-3">
            {r.data ? (
              <>
                {r.data.agrees && (
                  <>
                    <CircleCheck size={16} aria-hidden className="text-good" /> <span className="font-medium">{s.agree}</span>
                  </>
                )}
                <span className="text-text-3">
                  {s.checked} <Time at={r.data.checked_at} />
                </span>
              </>
            ) : (
              <span className="text-text-2">{s.never}</span>
            )}
            {pending && (
              <span role="status" className="text-accent-text">
                {s.pending} <Time at={pending} />
              </span>
            )}
          </p>
          {r.data && <Checks checks={r.data.checks} />}
        </>
      )}
    </Section>
  );
}

function Checks({ checks }: { checks: Schemas["ReconciliationCheck"][] }) {
  const sum = (m: Record<string, number>) => Object.values(m).reduce((a, b) => a + b, 0);
  const states = (m: Record<string, number>) => Object.entries(m).map(([k, n]) => `${k.replaceAll("_", " ")} ${formatCount(n)}`).join(", ");
  return (
    <ScrollRegion label={s.check}>
      <table className="w-full min-w-[36rem] text-left text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            <th className="py-1.5 pr-4 font-medium">{s.check}</th>
            <th className="py-1.5 pr-4 font-medium">{s.store}</th>
            <th className="py-1.5 pr-4 text-right font-medium">{s.log}</th>
            <th className="py-1.5 pr-4 text-right font-medium">{s.shown}</th>
            <th className="py-1.5 pr-4 text-right font-medium">{s.position}</th>
            <th className="py-1.5 font-medium">{s.result}</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((c) => (
            <tr key={c.store + c.name} className="border-b align-top">
              <td className="py-1.5 pr-4">{c.name.replaceAll("_", " ")}</td>
              <td className="py-1.5 pr-4 text-text-2">{c.store}</td>
              <td className="py-1.5 pr-4 text-right" title={states(c.log)}>
                {formatCount(sum(c.log))}
              </td>
              <td className="py-1.5 pr-4 text-right" title={states(c.shown)}>
                {formatCount(sum(c.shown))}
              </td>
              <td className="py-1.5 pr-4 text-right text-text-3">{formatCount(c.position)}</td>
              <td className="py-1.5">
                <Chip tone={c.agrees ? "good" : "bad"}>{c.agrees ? s.same : s.differs}</Chip>
                {c.detail && <span className="block text-meta">{c.detail}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Export() {
  const { slug } = useSession();
  const get = useWrite({
    run: async () => {
      const r = await fetchSignedIn(new Request("/v1/audit/export", { headers: { "Outrider-Organization": organization() } }));
      if (!r.ok) {
        const p: unknown = await r.json().catch(() => undefined);
        if (isProblem(p)) throw new ProblemError(p);
      }
      return r.blob();
    },
    done: (_, blob) => {
      const url = URL.createObjectURL(blob);
      const a = document.createElement("a");
      a.href = url;
      a.download = `${slug}-history.jsonl`;
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
  });
  return (
    <Section title={s.export}>
      <p className="max-w-[72ch] py-3 text-text-2">{s.exportHint}</p>
      <Button icon={<Download size={14} aria-hidden />} busy={get.isPending} onClick={() => get.mutate(undefined)}>
        {get.isPending ? s.exporting : s.exportButton}
      </Button>
      <p className="pt-3 text-text-2">{s.verifyHint}</p>
      <CopyText label="" text={`outrider audit verify ${slug}-history.jsonl --key-file audit-keys.txt`} />
    </Section>
  );
}

function Keys() {
  const keys = useQuery(auditKeyOptions());
  return (
    <Section title={s.keys}>
      <p className="max-w-[72ch] py-3 text-text-2">{s.keysHint}</p>
      {keys.error && <ProblemNote error={keys.error} onRetry={() => void keys.refetch()} />}
      <ul>
        {(keys.data ?? []).map((k) => (
          <li key={k.id} className="flex flex-wrap items-center gap-x-4 border-b py-1.5 text-table">
            <span className="mono">{k.id}</span>
            <span className="text-text-3">{k.algorithm}</span>
            <CopyText label="" text={k.public_key} />
            {k.current && <Chip tone="good">{s.current}</Chip>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
