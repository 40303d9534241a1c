import { useQuery } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { PlaceLink } from "@/app/place-link";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { research as words } from "@/words/en/research";
import { leadResearchOptions, type Lead } from "./queries";

type Research = Schemas["Research"];
type Search = Schemas["WebSearch"];

/** When the site of the person's company was read, and what became of each page. */
export function ResearchSection({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const may = useMay("leads:write") && !useAt();
  const asked = useQuery(leadResearchOptions(org, lead.id));
  const ask = useWrite({
    run: (_: void, header) => must(api.POST("/v1/leads/{id}/research", { params: { path: { id: lead.id }, header } })),
    stale: () => [[org, "leads"]],
    done: (_, after) => toast.say("searches" in after && after.searches.some((s) => s.state === "requested") ? words.searching : words.asked),
  });
  const all = asked.data?.data ?? [];
  const newest = all[0];
  const searches = asked.data?.searches ?? [];
  const searchable = asked.data && !asked.data.company_id && asked.data.can_search;
  return (
    <Section title={words.title}>
      {asked.data && !asked.data.company_id && <p className="pt-2 text-table text-text-3">{words.noCompany}</p>}
      {searches.map((s) => (
        <Searched key={s.id} of={s} />
      ))}
      {asked.data?.company_id && !newest && <p className="pt-2 text-table text-text-3">{words.empty}</p>}
      {newest && <Reading of={newest} open />}
      {all.slice(1).map((r) => (
        <Reading key={r.id} of={r} />
      ))}
      {newest && (
        <p className="pt-2 text-table">
          <PlaceLink to={`/companies/${newest.company_id}`}>{words.company}</PlaceLink>
        </p>
      )}
      {may && searchable && searches[0]?.state !== "requested" && (
        <Button size="small" look="quiet" className="mt-2 -ml-2" busy={ask.isPending} onClick={() => ask.mutate()}>
          {searches.length > 0 ? words.searchAgain : words.searchIt}
        </Button>
      )}
      {may && asked.data?.company_id && newest?.state !== "requested" && (
        <Button size="small" look="quiet" className="mt-2 -ml-2" busy={ask.isPending} onClick={() => ask.mutate()}>
          {newest ? words.again : words.read}
        </Button>
      )}
    </Section>
  );
}

/** One search for a site, with what came of it. */
function Searched({ of }: { of: Search }) {
  const why = of.reason && (words.searchReasons[of.reason] ?? of.reason);
  return (
    <div className="pt-2 text-table">
      <p className="flex flex-wrap items-center gap-x-2">
        <span>{words.searchStates[of.state]}</span>
        <Time at={of.ended_at ?? of.requested_at} />
        {why && <span className="text-text-3">{why}</span>}
        {of.results > 0 && <span className="text-text-3">{words.searchSummary(of.results, of.looked, of.refused)}</span>}
      </p>
      {of.cause && <p className="text-meta text-text-3">{words.searchCauses[of.cause] ?? of.cause}</p>}
    </div>
  );
}

/** One reading of a site, with what became of its pages. */
export function Reading({ of, open = false }: { of: Research; open?: boolean }) {
  return (
    <div className="pt-2 text-table">
      <p className="flex flex-wrap items-center gap-x-2">
        <span>{words.states[of.state]}</span>
        <Time at={of.ended_at ?? of.requested_at} />
        {of.reason && <span className="text-text-3">{words.reasons[of.reason] ?? of.reason}</span>}
        {of.state === "completed" && <span className="text-text-3">{words.summary(of.read, of.facts, of.dropped, of.stale)}</span>}
      </p>
      {of.cause && <p className="text-meta text-text-3">{words.causes[of.cause] ?? of.cause}</p>}
      {of.sources.length > 0 && (
        <details open={open}>
          <summary className="min-h-6 cursor-pointer text-meta text-text-3">{words.pages}</summary>
          <ul className="flex flex-col gap-1 pt-1">
            {of.sources.map((s) => (
              <li key={s.url} className="min-w-0">
                <a href={s.url} target="_blank" rel="noreferrer noopener" className="break-all text-accent-text hover:underline">
                  {s.url}
                </a>
                <p className="text-meta text-text-3">
                  {words.outcomes[s.outcome] ?? s.outcome}
                  {s.status ? ` ${s.status}` : ""}
                  {s.facts > 0 && `, ${words.facts(s.facts)}`}
                </p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
