import { useQuery } from "@tanstack/react-query";
import { useCampaigns, useMailboxes } from "@/app/names";
import { PlaceLink, useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { cx } from "@/ui/cx";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { countsOptions } from "./queries";
import { classes, meanings, scopes, type InboxSearch, type Scope } from "./scopes";
import { useWaitingTotal } from "./waiting";

/** The scopes with what each holds; each count is the length of the list that it opens. */
export function ScopeBar({ scope, search, reading }: { scope: Scope; search: InboxSearch; reading: boolean }) {
  const { org } = useSession();
  const change = useChangeSearch();
  const counts = useQuery(countsOptions(org, search)).data;
  const approvals = useWaitingTotal("approvals", search);
  const doubt = useWaitingTotal("doubt", search);
  const of: Partial<Record<Scope, number>> = { answer: counts?.needs_answer, approvals, doubt, snoozed: counts?.snoozed, mine: counts?.mine };
  const campaigns = useCampaigns();
  const mailboxes = useMailboxes();
  const keep = { mailbox_id: search.mailbox_id, campaign_id: search.campaign_id };
  const threads = scope !== "approvals" && scope !== "doubt";
  return (
    <div className={cx("flex w-50 shrink-0 flex-col gap-4 overflow-y-auto border-r py-3 max-lg:w-full max-lg:flex-row max-lg:gap-2 max-lg:overflow-x-auto max-lg:border-r-0 max-lg:border-b max-lg:py-2", reading && "max-sm:hidden")}>
      <nav aria-label={w.inbox.scopesLabel} className="flex flex-col px-2 max-lg:flex-row">
        {scopes.map((s) => (
          <Line key={s} to={`/inbox/${s}`} search={keep} on={s === scope && !search.meaning && !search.class && !search.confidence} label={w.inbox.scopes[s]!} count={of[s]} strong={s === "answer" || s === "approvals" || s === "doubt"} />
        ))}
      </nav>
      {threads && counts && (
        <>
          <Group label={w.inbox.meanings}>
            <Line to="/inbox/answer" search={{ ...keep, confidence: "low" }} on={!!search.confidence} label={w.inbox.toCheck} />
            {meanings.filter((m) => counts.meanings[m] || search.meaning === m).map((m) => (
              <Line key={m} to="/inbox/answer" search={{ ...keep, meaning: m }} on={search.meaning === m} label={w.inbox.meaning[m]!} count={counts.meanings[m] ?? 0} />
            ))}
          </Group>
          <Group label={w.inbox.classes}>
            {classes.map((c) => (
              <Line key={c} to="/inbox/all" search={{ ...keep, class: c }} on={search.class === c} label={w.inbox.class[c]!} />
            ))}
          </Group>
        </>
      )}
      <div className="flex flex-col gap-2 px-3 max-lg:hidden">
        {campaigns.length > 1 && <Choose label={w.inbox.campaign} any={w.inbox.allCampaigns} value={search.campaign_id} options={campaigns.map((c) => [c.id, c.name])} onChange={(v) => change({ campaign_id: v })} />}
        {mailboxes.length > 1 && <Choose label={w.inbox.mailbox} any={w.inbox.allMailboxes} value={search.mailbox_id} options={mailboxes.map((m) => [m.id, m.address ?? m.id])} onChange={(v) => change({ mailbox_id: v })} />}
      </div>
    </div>
  );
}

function Group({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <nav aria-label={label} className="flex flex-col px-2 max-lg:hidden">
      <h2 className="px-2 pb-1 text-meta text-text-3">{label}</h2>
      {children}
    </nav>
  );
}

function Line({ to, search, on, label, count, strong }: { to: string; search: Record<string, string | undefined>; on: boolean; label: string; count?: number; strong?: boolean }) {
  return (
    <PlaceLink to={to} search={search} aria-current={on ? "page" : undefined} className={cx("flex min-h-7 items-center gap-2 rounded-control px-2 text-table whitespace-nowrap pointer-coarse:min-h-11", on ? "bg-surface-2 font-medium text-text-1" : "text-text-2 hover:bg-surface-1")}>
      <span className="flex-1 truncate">{label}</span>
      {count !== undefined && (count > 0 || strong) && <span className={cx("text-meta", strong && count > 0 ? "font-medium text-text-1" : "text-text-3")}>{formatCount(count)}</span>}
    </PlaceLink>
  );
}

function Choose({ label, any, value, options, onChange }: { label: string; any: string; value?: string; options: [string, string][]; onChange: (v?: string) => void }) {
  return (
    <select aria-label={label} value={value ?? ""} onChange={(e) => onChange(e.target.value || undefined)} className="h-7 w-full min-w-0 rounded-control border border-control bg-surface-0 px-1.5 text-table">
      <option value="">{any}</option>
      {options.map(([v, l]) => (
        <option key={v} value={v}>
          {l}
        </option>
      ))}
    </select>
  );
}
