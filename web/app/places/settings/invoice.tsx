import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Schemas } from "@/api/client";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { billing as s, money } from "@/words/en/billing";
import { formatDay } from "@/words/format";
import { invoiceOptions, lineEventsOptions } from "./billing-queries";

/** An invoice: its lines, each with the events behind it. */
export function Invoice({ id, onClose }: { id: string; onClose: () => void }) {
  const { org, me } = useSession();
  const invoice = useQuery(invoiceOptions(org, id));
  const i = invoice.data;
  const audit = me.permissions.includes("audit:read");
  return (
    <Modal open wide onClose={onClose} title={i ? `${i.number || s.draft} · ${money(i.total, i.currency)}` : s.invoices} about={i && `${formatDay(i.created_at, zone())} · ${s.invoiceStatuses[i.status]}`}>
      {invoice.error ? (
        <ProblemNote error={invoice.error} onRetry={() => void invoice.refetch()} />
      ) : !i ? (
        <SkeletonRows rows={3} />
      ) : (
        <>
          <div className="flex flex-wrap gap-x-4 gap-y-1 pb-3 text-table">
            {[
              [i.pdf_url, s.pdf],
              [i.page_url, s.page],
              [audit ? `/v1/invoices/${i.id}/statement.csv` : undefined, s.statement],
            ].map(
              ([url, label]) =>
                url && (
                  <a key={label} href={url} rel="noreferrer" target={url.startsWith("/") ? undefined : "_blank"} className="inline-flex min-h-6 items-center text-accent-text hover:underline">
                    {label}
                  </a>
                ),
            )}
          </div>
          <ul aria-label={s.lines} className="border-t">
            {i.lines.map((l) => (
              <Line key={l.n} invoice={i} line={l} events={audit} />
            ))}
          </ul>
        </>
      )}
    </Modal>
  );
}

function Line({ invoice, line: l, events }: { invoice: Schemas["Invoice"]; line: Schemas["InvoiceLine"]; events: boolean }) {
  const [open, setOpen] = useState(false);
  const day = (d: string) => formatDay(d, zone());
  return (
    <li className="border-b py-2">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="min-w-0 flex-1 basis-48">
          {l.description || s.kinds[l.kind]} <span className="text-text-3">{[s.quantity(l.quantity), l.kind === "usage" && s.included(l.included ?? 0)].filter(Boolean).join(" ")}</span>
          <span className="block text-meta text-text-3">
            {day(l.from)} – {day(l.to)}
          </span>
        </span>
        <span className="tabular-nums">{money(l.amount, invoice.currency)}</span>
        {events && l.kind !== "other" && (
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {s.events(l.n)}
          </Button>
        )}
      </div>
      {open && <Events invoice={invoice.id} n={l.n} />}
    </li>
  );
}

function Events({ invoice, n }: { invoice: string; n: number }) {
  const { org, slug } = useSession();
  const list = useInfiniteQuery(lineEventsOptions(org, invoice, n));
  if (list.error) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <SkeletonRows rows={2} />;
  const rows = list.data.pages.flatMap((p) => p.data);
  if (rows.length === 0) return <p className="py-2 text-table text-text-3">{s.noEvents}</p>;
  return (
    <>
      <ol className="py-2 text-table">
        {rows.map((e) => (
          <li key={e.id} className="flex min-h-7 items-center gap-3">
            <Time at={e.time} absolute />
            <Link to={`/o/${slug}/history/${e.id}` as "/"} className="min-w-0 truncate text-accent-text hover:underline">
              {e.text}
            </Link>
          </li>
        ))}
      </ol>
      {list.hasNextPage && (
        <Button size="small" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {s.more}
        </Button>
      )}
    </>
  );
}
