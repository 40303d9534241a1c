import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useEffect, useRef } from "react";
import { Go } from "@/app/go";
import { Page } from "@/app/page";
import { SearchBox } from "@/app/places/campaigns/list";
import { useChangeSearch } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useShortcuts } from "@/keys/registry";
import { Button } from "@/ui/button";
import { ChangingCell } from "@/ui/changed";
import { Chip } from "@/ui/chip";
import { SelectField } from "@/ui/field";
import { ScrollRegion } from "@/ui/scroll-region";
import { Empty, NoMatch, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import { pacing as p } from "@/words/en/pacing";
import { byDomain } from "./checks";
import { domainsOptions, type Domain } from "./domain-queries";
import { Health, MailboxState, Today } from "./parts";
import { mailboxesOptions, type Mailbox } from "./queries";
import type { MailboxSearch } from "./routes";
import { SignInProblem } from "./sign-in";

/** All mailboxes, by the domain that they send from. */
export function MailboxesPage() {
  const { org, slug } = useSession();
  const search = useSearch({ strict: false }) as MailboxSearch;
  const go = useNavigate();
  const past = !!useAt();
  const write = useMay("mailboxes:write") && !past;
  const all = useQuery(mailboxesOptions(org));
  const domains = useQuery({ ...domainsOptions(org), enabled: !past });
  const table = useRef<HTMLTableElement>(null);
  const change = useChangeSearch();
  const set = (s: MailboxSearch) => change(s, true);
  useEffect(() => {
    if (search.connected) void go({ to: `/o/${slug}/mailboxes/${search.connected}` as "/", replace: true });
  }, [search.connected, slug, go]);
  const connect = () => void go({ to: `/o/${slug}/mailboxes/connect` as "/" });
  const move = (by: number) => {
    const links = [...(table.current?.querySelectorAll<HTMLAnchorElement>("a[data-row]") ?? [])];
    const i = links.indexOf(document.activeElement as HTMLAnchorElement);
    links[Math.max(0, Math.min(links.length - 1, i + by))]?.focus();
  };
  useShortcuts([
    { keys: "j", label: w.shell.next, group: w.mailboxes.title, run: () => move(1) },
    { keys: "k", label: w.shell.previous, group: w.mailboxes.title, run: () => move(-1) },
    ...(write ? [{ keys: "n", label: w.mailboxes.connect, group: w.mailboxes.title, run: connect, palette: true }] : []),
  ]);
  const q = search.q?.toLowerCase();
  const rows = (all.data ?? []).filter((b) => (!search.status || b.status === search.status) && (!q || `${b.address ?? ""} ${b.display_name ?? ""}`.toLowerCase().includes(q)));
  const begin = write && (
    <Button look="primary" icon={<Plus size={16} aria-hidden />} onClick={connect}>
      {w.mailboxes.connect}
    </Button>
  );
  const names = [search.q && `“${search.q}”`, search.status && w.mailboxes.statuses[search.status]?.toLowerCase()].filter(Boolean).join(", ");
  return (
    <Page
      title={w.mailboxes.title}
      fill
      actions={
        <>
          <Go path="/mailboxes/limits" className="text-accent-text">
            {p.open}
          </Go>
          {begin}
        </>
      }
    >
      <SignInProblem code={search.mail_problem} />
      <div className="flex flex-wrap items-center gap-2 px-4 pb-3 sm:px-6">
        <SearchBox label={w.mailboxes.search} value={search.q} onChange={(x) => set({ q: x })} />
        <SelectField label={w.mailboxes.state} hideLabel className="w-36" value={search.status ?? ""} onChange={(e) => set({ status: e.target.value || undefined })} options={[{ value: "", label: w.mailboxes.anyState }, ...Object.entries(w.mailboxes.statuses).map(([value, label]) => ({ value, label }))]} />
        {all.data && <span className="ml-auto text-table text-text-3">{w.table.total(formatCount(rows.length))}</span>}
      </div>
      <ScrollRegion label={w.mailboxes.title} className="min-h-0 flex-1 overflow-auto">
        {all.isPending && <SkeletonRows />}
        {all.isError && <ProblemNote error={all.error} onRetry={() => void all.refetch()} />}
        {all.data && rows.length === 0 && (names ? <NoMatch filters={names} total={all.data.length} onClear={() => set({ q: undefined, status: undefined })} /> : <Empty title={w.mailboxes.empty} needs={w.mailboxes.emptyNeeds} action={begin} />)}
        {rows.length > 0 && (
          <table ref={table} className="w-full min-w-220 table-fixed text-table">
            <thead className="sticky top-0 z-10 bg-surface-1 text-left text-text-2">
              <tr className="h-9">
                {columns.map(([label, width, right]) => (
                  <th key={label} scope="col" style={{ width }} className={`px-3 font-medium first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6 ${right ? "text-right" : ""}`}>
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            {byDomain(rows).map((g) => (
              <Group key={g.domain} {...g} known={domains.data?.find((d) => d.domain === g.domain)} />
            ))}
          </table>
        )}
      </ScrollRegion>
    </Page>
  );
}

const c = w.mailboxes.columns;
const columns: [label: string, width: string, right?: true][] = [
  [c.mailbox, "26%"],
  [c.state, "20%"],
  [c.today, "26%"],
  [c.health, "8%", true],
  [c.sent, "7%", true],
  [c.read, "13%", true],
];

function Group({ domain, boxes, known }: { domain: string; boxes: Mailbox[]; known?: Domain }) {
  const dns = boxes.map((b) => b.checks.dns).filter((x) => x !== undefined);
  const worst = (known?.checked_at ? known : undefined) ?? dns.find((x) => x.outcome === "failed") ?? dns.find((x) => x.outcome === "unknown") ?? dns[0];
  return (
    <tbody>
      <tr className="h-10 border-t">
        <th scope="rowgroup" colSpan={6} className="px-4 text-left font-medium sm:px-6">
          <span className="flex items-center gap-3">
            {known ? (
              <Go path={`/mailboxes/domains/${known.id}`} className="font-medium">
                {domain}
              </Go>
            ) : (
              domain || w.mailboxes.noDomain
            )}{" "}
            <span className="font-normal text-text-3">{w.mailboxes.count(boxes.length)}</span>
            {worst && (
              <Chip tone={worst.outcome === "passed" ? "good" : worst.outcome === "failed" ? "bad" : "warn"} title={worst.detail}>
                {w.mailboxes.dns[worst.outcome]}
              </Chip>
            )}
          </span>
        </th>
      </tr>
      {boxes.map((b) => (
        <tr key={b.id} className="h-9 border-t hover:bg-surface-1 pointer-coarse:h-11">
          <ChangingCell as="td" of={b} className="truncate px-3 pl-4 sm:pl-6">
            <Row box={b} />
          </ChangingCell>
          <ChangingCell as="td" of={b} className="truncate px-3">
            <MailboxState box={b} />
          </ChangingCell>
          <ChangingCell as="td" of={b} className="truncate px-3">
            <Today box={b} />
          </ChangingCell>
          <ChangingCell as="td" of={b} className="px-3 text-right">
            <Health box={b} />
          </ChangingCell>
          <ChangingCell as="td" of={b} className="px-3 text-right">{formatCount(b.sent)}</ChangingCell>
          <ChangingCell as="td" of={b} className="px-3 pr-4 text-right sm:pr-6">
            <Time at={b.inbox_read_at} />
            {(b.unreadable_mail?.length ?? 0) > 0 && <span className="ml-2 text-warn">{w.mailboxes.unreadableShort(b.unreadable_mail!.length)}</span>}
          </ChangingCell>
        </tr>
      ))}
    </tbody>
  );
}

function Row({ box }: { box: Mailbox }) {
  return (
    <Go path={`/mailboxes/${box.id}`} row className="font-medium">
      {box.address ?? box.id.slice(0, 8)} {box.display_name && <span className="font-normal text-text-3">{box.display_name}</span>}
    </Go>
  );
}
