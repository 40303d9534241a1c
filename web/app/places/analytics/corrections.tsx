import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Go } from "@/app/go";
import { Needs } from "@/app/may";
import { Page } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { Empty, ProblemNote } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { formatDay } from "@/words/format";
import { correctionsOptions } from "./queries";
import type { ListSearch } from "./routes";

const s = w.analytics.corrections;

/** Events that changed what was counted before. */
export function CorrectionsPage() {
  const { org } = useSession();
  const search = useSearch({ strict: false }) as ListSearch;
  const seesHistory = useMay("audit:read");
  const known = !!search.from && !!search.to;
  const q = useQuery({ ...correctionsOptions(org, { from: search.from ?? "", to: search.to ?? "", campaign_id: search.campaign }), enabled: known });
  type Row = NonNullable<typeof q.data>[number];
  const columns: Column<Row>[] = [
    { id: "at", label: s.found, width: "10rem", cell: (c) => <Time at={c.at} /> },
    { id: "day", label: s.day, width: "11rem", cell: (c) => formatDay(c.day + "T12:00:00Z", "UTC") },
    { id: "what", label: s.what, width: "minmax(14rem,1fr)", cell: (c) => c.text },
    { id: "event", label: w.analytics.list.event, width: "6rem", align: "right", cell: (c) => (seesHistory ? <Go path={`/history/${c.event_number}`} className="text-accent-text">{`#${c.event_number}`}</Go> : `#${c.event_number}`) },
  ];
  return (
    <Needs permission="analytics:read" title={s.title}>
      <Page title={s.title} about={s.about} actions={<Go path="/analytics" className="text-accent-text">{w.analytics.list.back}</Go>} fill>
        {q.error ? <ProblemNote error={q.error} onRetry={() => void q.refetch()} /> : <Table label={s.title} rows={q.data ?? []} columns={columns} idOf={(c) => c.event_id} loading={known && q.isPending} empty={<Empty title={s.none} />} />}
      </Page>
    </Needs>
  );
}
