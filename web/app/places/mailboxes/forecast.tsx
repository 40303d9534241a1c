import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { ForecastView } from "@/ui/forecast";
import { Slider } from "@/ui/slider";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { warmup as p } from "@/words/en/warmup";

const caps = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500];
const days = 30;

/** What a mailbox sends on the days to come and what binds on each, also with another cap. */
export default function Forecast({ id }: { id: string }) {
  const { org } = useSession();
  const [cap, setCap] = useState<number>();
  const [settled, setSettled] = useState<number>();
  useEffect(() => {
    const t = setTimeout(() => setSettled(cap), 400);
    return () => clearTimeout(t);
  }, [cap]);
  const asked = useQuery({
    queryKey: [org, "forecast", "mailbox", id, settled ?? 0],
    placeholderData: keepPreviousData,
    queryFn: () => must(api.GET("/v1/mailboxes/{id}/forecast", { params: { path: { id }, query: { days, cap_per_day: settled } } })),
  });
  const waiting = cap !== settled || asked.isPlaceholderData;
  return (
    <Section title={p.forecast}>
      <p className="py-2 text-text-2">{p.ofMailboxAbout}</p>
      <div className="max-w-md pb-3">
        <Slider label={p.ofMailboxCap} values={caps} value={cap} asIs={p.unchanged} say={p.atMost} onChange={setCap} />
      </div>
      {asked.isPending && <SkeletonRows rows={4} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.data && (
        <div className={waiting ? "opacity-60 transition-opacity" : "transition-opacity"} aria-busy={waiting}>
          <ForecastView forecast={asked.data} about={<p>{p.totalOfMailbox(asked.data.total, days)}</p>} />
        </div>
      )}
    </Section>
  );
}
