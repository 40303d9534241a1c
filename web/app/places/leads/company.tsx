import { queryOptions, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { api, must } from "@/api/client";
import { personName } from "@/app/names";
import { Page, Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { companies as words } from "@/words/en/companies";
import { research as reading } from "@/words/en/research";
import { QualificationChip } from "./columns";
import { FactRows } from "./facts";
import { Reading } from "./research";

const companyOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "leads", "company", id], queryFn: () => must(api.GET("/v1/companies/{id}", { params: { path: { id } } })) });
const peopleOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "leads", "company-leads", id], queryFn: async () => (await must(api.GET("/v1/companies/{id}/leads", { params: { path: { id } } }))).data });
const readingsOptions = (org: string, id: string) =>
  queryOptions({ queryKey: [org, "leads", "company-research", id], queryFn: async () => (await must(api.GET("/v1/companies/{id}/research", { params: { path: { id } } }))).data });

/** A company: what is known of it, who works there, and what became of the pages of its site. */
export function CompanyPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { org } = useSession();
  const asked = useQuery(companyOptions(org, id));
  const c = asked.data;
  return (
    <Page title={(c && (c.name || c.domain)) || words.one} about={<PlaceLink to="/companies">{words.title}</PlaceLink>}>
      {asked.error ? (
        <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />
      ) : !c ? (
        <SkeletonRows />
      ) : (
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)_20rem] gap-x-10 gap-y-6 px-4 pb-10 max-lg:grid-cols-1 sm:px-6">
          <div className="flex min-w-0 flex-col gap-6">
            {c.domain && <p className="text-section break-all text-text-2">{c.domain}</p>}
            <Section title={words.facts}>{c.facts?.length ? <FactRows facts={c.facts} /> : <p className="pt-2 text-table text-text-3">{words.noFacts}</p>}</Section>
            <People id={id} />
          </div>
          <Readings id={id} />
        </div>
      )}
    </Page>
  );
}

function People({ id }: { id: string }) {
  const { org } = useSession();
  const people = useQuery(peopleOptions(org, id));
  if (people.error) return <ProblemNote error={people.error} onRetry={() => void people.refetch()} />;
  return (
    <Section title={words.people}>
      {!people.data && <SkeletonRows rows={3} />}
      {people.data?.length === 0 && <p className="pt-2 text-table text-text-3">{words.noPeople}</p>}
      <ul className="flex flex-col pt-1 text-table">
        {people.data?.map((p) => (
          <li key={p.id} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 border-b py-1.5 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_5rem_7rem]">
            <span className="min-w-0 truncate">
              <PlaceLink to={`/leads/${p.id}`}>{personName(p) || p.email || w.leads.one}</PlaceLink>
            </span>
            <span className="min-w-0 truncate text-text-2 max-sm:hidden">{p.job_title}</span>
            <span className="text-right text-text-2 tabular-nums" title={p.lead_score === undefined ? undefined : words.scoreHint}>
              {words.score(p.lead_score, p.intent_score)}
            </span>
            <span className="max-sm:hidden">
              <QualificationChip is={p.qualification} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Readings({ id }: { id: string }) {
  const { org } = useSession();
  const may = useMay("leads:write") && !useAt();
  const all = useQuery(readingsOptions(org, id));
  const ask = useWrite({
    run: (_: void, header) => must(api.POST("/v1/companies/{id}/research", { params: { path: { id }, header } })),
    stale: () => [[org, "leads"]],
    done: () => toast.say(reading.asked),
  });
  return (
    <Section title={words.readings}>
      {all.error && <ProblemNote error={all.error} onRetry={() => void all.refetch()} />}
      {all.data?.length === 0 && <p className="pt-2 text-table text-text-3">{words.noReadings}</p>}
      {all.data?.map((r, i) => <Reading key={r.id} of={r} open={i === 0} />)}
      {may && all.data && all.data[0]?.state !== "requested" && (
        <Button size="small" look="quiet" className="mt-2 -ml-2" busy={ask.isPending} onClick={() => ask.mutate()}>
          {all.data.length ? reading.again : reading.read}
        </Button>
      )}
    </Section>
  );
}
