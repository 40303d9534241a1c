import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { useState } from "react";
import { api, fetchSignedIn, must, type Schemas } from "@/api/client";
import { organization } from "@/api/organization";
import { isProblem, ProblemError } from "@/api/problem";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatBytes } from "@/words/format";
import { erasuresOptions, exportsOptions } from "./queries";
import { Body } from "./row";

const s = w.settings.privacy;
type Kind = Schemas["ExportKind"];

export default function PrivacySection() {
  const history = useMay("audit:read");
  return (
    <Body>
      <Exports />
      {history && <Erasures />}
    </Body>
  );
}

function Exports() {
  const { org } = useSession();
  const can = useCan("leads:export");
  const pii = useMay("pii:read");
  const list = useQuery(exportsOptions(org));
  const stale = () => [[org, "exports"]];
  const make = useWrite({ run: async (kind: Kind, headers) => settled(await must(api.POST("/v1/exports", { params: { header: headers }, body: { kind } }))), stale });
  const remove = useWrite({ run: async (id: string, headers) => settled(await must(api.DELETE("/v1/exports/{id}", { params: { path: { id }, header: headers } }))), stale });
  const fetchFile = useWrite({
    run: async (x: Schemas["Export"]) => {
      const r = await fetchSignedIn(new Request(`/v1/exports/${x.id}/file`, { headers: { "Outrider-Organization": organization() } }));
      if (!r.ok) {
        const p: unknown = await r.json().catch(() => undefined);
        if (isProblem(p)) throw new ProblemError(p);
      }
      return r.blob();
    },
    done: (x, blob) => {
      const url = URL.createObjectURL(blob);
      const a = document.createElement("a");
      a.href = url;
      a.download = `${x.kind}-${x.created_at.slice(0, 10)}.csv`;
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
  });
  const why = pii ? undefined : w.states.missingPermission("pii:read");
  const buttons = can && (
    <div className="flex flex-wrap gap-2">
      {(["leads", "messages", "suppressions"] as Kind[]).map((k) => (
        <Button key={k} size="small" why={why} busy={make.isPending && make.variables === k} onClick={() => make.mutate(k)}>
          {s.make[k]}
        </Button>
      ))}
    </div>
  );
  return (
    <Section title={s.exports} actions={(list.data?.length ?? 0) > 0 && buttons}>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <SkeletonRows rows={3} />
      ) : list.data.length === 0 ? (
        <div className="-mx-4 sm:-mx-6">
          <Empty title={s.exportsEmpty} needs={s.exportsNeed} action={buttons} />
        </div>
      ) : (
        <ul>
          {list.data.map((x) => (
            <li key={x.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b py-2 text-table">
              <span className="min-w-0 flex-1 basis-52">
                <span className="font-medium">{s.kinds[x.kind]}</span>
                <span className="block text-meta text-text-3">
                  {s.asked} <Time at={x.created_at} />
                </span>
              </span>
              <span className="w-44 text-text-2">
                {x.status === "completed" ? s.size(x.rows, formatBytes(x.bytes)) : <Chip tone={x.status === "failed" ? "bad" : x.status === "running" ? "accent" : "plain"}>{s.statuses[x.status]}</Chip>}
                {x.reason && <span className="block text-meta">{s.reasons[x.reason] ?? x.reason}</span>}
              </span>
              <span className="w-32 text-text-3">
                {x.status === "completed" && (
                  <>
                    {s.until} <Time at={x.expires_at} />
                  </>
                )}
              </span>
              <span className="flex w-48 justify-end gap-1">
                {x.status === "completed" && (
                  <Button size="small" why={why} icon={<Download size={14} aria-hidden />} busy={fetchFile.isPending && fetchFile.variables?.id === x.id} onClick={() => fetchFile.mutate(x)}>
                    {s.download}
                  </Button>
                )}
                {can && (x.status === "completed" || x.status === "running") && (
                  <Button size="small" look="quiet" busy={remove.isPending && remove.variables === x.id} onClick={() => remove.mutate(x.id)}>
                    {x.status === "running" ? s.cancel : s.remove}
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Erasures() {
  const { org, slug } = useSession();
  const list = useQuery(erasuresOptions(org));
  const [all, setAll] = useState(false);
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const shown = (list.data ?? []).slice(0, all ? undefined : 10);
  return (
    <Section title={s.erasures}>
      <p className="max-w-[72ch] py-3 text-text-2">{s.erasuresAbout}</p>
      {!list.data ? (
        <SkeletonRows rows={2} />
      ) : shown.length === 0 ? (
        <p className="py-2 text-text-3">{s.noErasures}</p>
      ) : (
        <ul>
          {shown.map((e) => (
            <li key={e.id} className="flex flex-wrap items-center gap-x-4 border-b py-2 text-table">
              <Link to={`/o/${slug}/history/${e.oseq}` as "/"} className="mono min-w-0 flex-1 basis-72 truncate text-accent-text hover:underline">
                {e.subject}
              </Link>
              <span className="w-40 text-text-2">{s.by(e.actor.name ?? e.actor.kind)}</span>
              <span className="text-text-3">
                <Time at={e.time} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {(list.data?.length ?? 0) > shown.length && (
        <Button size="small" look="quiet" className="mt-2" onClick={() => setAll(true)}>
          {s.showAll(list.data!.length)}
        </Button>
      )}
    </Section>
  );
}
