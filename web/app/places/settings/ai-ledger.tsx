import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { PlaceLink, useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { cx } from "@/ui/cx";
import { SelectField } from "@/ui/field";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, NoMatch, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { formatCount, formatDay } from "@/words/format";
import { ai as s, dollars } from "@/words/en/settings-ai";
import { aiCallsOptions, aiUsageOptions, campaignNamesOptions, groups, type Group, type Outcome } from "./ai-queries";
import type { SettingsSearch } from "./routes";

type Call = Schemas["AICall"];
type Sum = Schemas["AISum"];

const head = "py-1.5 pr-4 font-medium whitespace-nowrap";
const number = "py-1.5 pr-4 text-right whitespace-nowrap tabular-nums";

/** What models cost in the period: added up, and call by call. */
export function AILedger() {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as SettingsSearch;
  const change = useChangeSearch();
  const group = groups.find((g) => g === search.sort) ?? "task";
  const usage = useQuery(aiUsageOptions(org, group));
  const names = useQuery(campaignNamesOptions(org));
  if (usage.error) return <ProblemNote error={usage.error} onRetry={() => void usage.refetch()} />;
  if (!usage.data) return <SkeletonRows rows={4} />;
  const { total, groups: sums } = usage.data;
  if (total.calls === 0)
    return (
      <Section title={s.ledger}>
        <Empty title={s.nothing} needs={s.nothingNeeds} />
      </Section>
    );
  return (
    <>
      <Section
        title={s.ledger}
        actions={<SelectField label={s.by} hideLabel className="w-40" value={group} options={groups.map((g) => ({ value: g, label: s.byGroup(s.groups[g]!) }))} onChange={(e) => change({ sort: e.target.value === "task" ? undefined : e.target.value }, true)} />}
      >
        <p className="max-w-prose py-2 text-table text-text-3">{s.ledgerAbout}</p>
        <ScrollRegion label={s.ledger}>
          <table className="w-full min-w-[40rem] text-table">
            <thead>
              <tr className="border-b text-text-3">
                <th scope="col" className={cx(head, "text-left")}>
                  {s.groups[group]}
                </th>
                {[s.columns.calls, s.columns.answered, s.columns.input, s.columns.cached, s.columns.output, s.columns.cost].map((h) => (
                  <th key={h} scope="col" className={cx(head, "text-right")}>
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sums.map((x) => (
                <SumRow key={x.key ?? ""} sum={x}>
                  <Key group={group} id={x.key ?? ""} names={names.data} />
                </SumRow>
              ))}
              {sums.length > 1 && (
                <SumRow sum={total} strong>
                  {s.total}
                </SumRow>
              )}
            </tbody>
          </table>
        </ScrollRegion>
      </Section>
      <Calls names={names.data} />
    </>
  );
}

function SumRow({ sum: x, strong, children }: { sum: Sum; strong?: boolean; children: React.ReactNode }) {
  return (
    <tr className={cx("border-b", strong && "font-medium")}>
      <th scope="row" className={cx("max-w-80 truncate py-1.5 pr-4 text-left", !strong && "font-normal")}>
        {children}
      </th>
      {[x.calls, x.answered, x.input_tokens, x.cached_tokens, x.output_tokens].map((n, i) => (
        <td key={i} className={number}>
          {formatCount(n)}
        </td>
      ))}
      <td className={number}>{dollars(x.cost_micros)}</td>
    </tr>
  );
}

function Key({ group, id, names }: { group: Group; id: string; names?: Map<string, string> }) {
  switch (group) {
    case "task":
      return <>{s.tasks[id] ?? id}</>;
    case "outcome":
      return <>{s.outcomes[id || "open"] ?? id}</>;
    case "day":
      return <>{formatDay(`${id}T12:00:00Z`, zone())}</>;
    case "campaign":
      return id ? <PlaceLink to={`/campaigns/${id}`}>{names?.get(id) ?? s.aCampaign}</PlaceLink> : <span className="text-text-3">{s.noCampaign}</span>;
    case "lead":
      return id ? (
        <PlaceLink to={`/leads/${id}`}>
          {s.aPerson} <span className="mono">{id.slice(-6)}</span>
        </PlaceLink>
      ) : (
        <span className="text-text-3">{s.nobody}</span>
      );
  }
  return <span className="mono">{id}</span>;
}

const tones: Record<Outcome, "good" | "warn" | "bad" | "plain"> = { open: "plain", answered: "good", unusable: "warn", failed: "bad", unanswered: "bad", lost: "bad" };

function Calls({ names }: { names?: Map<string, string> }) {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as SettingsSearch;
  const change = useChangeSearch();
  const outcome = search.kind && search.kind in tones ? (search.kind as Outcome) : undefined;
  const list = useInfiniteQuery(aiCallsOptions(org, outcome));
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <Section
      title={s.calls}
      actions={
        <SelectField
          label={s.callColumns.outcome}
          hideLabel
          className="w-40"
          value={outcome ?? ""}
          options={[{ value: "", label: s.anyOutcome }, ...Object.entries(s.outcomes).map(([value, label]) => ({ value, label }))]}
          onChange={(e) => change({ kind: e.target.value || undefined }, true)}
        />
      }
    >
      {list.error && <ProblemNote error={list.error} onRetry={() => void list.refetch()} />}
      {!list.data && !list.error && <SkeletonRows rows={5} />}
      {list.data && rows.length === 0 && <NoMatch filters={s.outcomes[outcome ?? ""] ?? ""} onClear={() => change({ kind: undefined }, true)} />}
      {rows.length > 0 && (
        <ScrollRegion label={s.calls}>
          <table className="w-full min-w-[48rem] text-left text-table">
            <thead>
              <tr className="border-b text-text-3">
                {[s.callColumns.at, s.callColumns.task, s.callColumns.model, s.callColumns.what, s.callColumns.outcome].map((h) => (
                  <th key={h} scope="col" className={head}>
                    {h}
                  </th>
                ))}
                {[s.callColumns.tokens, s.callColumns.took, s.callColumns.cost].map((h) => (
                  <th key={h} scope="col" className={cx(head, "text-right")}>
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((c) => (
                <CallRow key={c.id} call={c} name={c.campaign_id && (names?.get(c.campaign_id) ?? s.aCampaign)} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {list.hasNextPage && (
        <div className="pt-3">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {s.more}
          </Button>
        </div>
      )}
    </Section>
  );
}

function CallRow({ call: c, name }: { call: Call; name?: string }) {
  const known = c.outcome === "answered" || c.outcome === "unusable";
  return (
    <tr className="border-b align-top">
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Time past at={c.reserved_at} />
      </td>
      <td className="py-1.5 pr-4">{s.tasks[c.task]}</td>
      <td className="mono max-w-56 truncate py-1.5 pr-4" title={c.model}>
        {c.model}
      </td>
      <td className="max-w-56 truncate py-1.5 pr-4">
        {c.lead_id ? <PlaceLink to={`/leads/${c.lead_id}`}>{s.aPerson}</PlaceLink> : null}
        {c.lead_id && name ? <span className="text-text-3"> · </span> : null}
        {name ? <PlaceLink to={`/campaigns/${c.campaign_id}`}>{name}</PlaceLink> : null}
        {!c.lead_id && !name && <span className="text-text-3">{s.nobody}</span>}
      </td>
      <td className="max-w-72 py-1.5 pr-4">
        <Chip tone={tones[c.outcome]}>{s.outcomes[c.outcome]}</Chip>
        {c.reason && <span className="block pt-0.5 text-meta break-words text-text-3">{c.reason}</span>}
      </td>
      <td className={number}>{known ? s.tokens(c.input_tokens, c.output_tokens) : "–"}</td>
      <td className={number}>{c.milliseconds ? s.took(c.milliseconds) : "–"}</td>
      <td className={number}>{c.outcome === "open" ? <span className="text-text-3">{s.atMost(dollars(c.at_most_micros))}</span> : dollars(c.cost_micros)}</td>
    </tr>
  );
}
