import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ProblemError } from "@/api/problem";
import { personName } from "@/app/names";
import { Page } from "@/app/page";
import { PastOrProblem } from "@/app/past-note";
import { PlaceLink } from "@/app/place-link";
import { useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { LeadActions } from "./actions";
import { About, StateLine } from "./about";
import { Enrollments } from "./enrollments";
import { leadOptions } from "./queries";
import { Removed } from "./goodbye";
import { StorySection } from "./story-section";

/** One person: where they stand, what happened, what is known. */
export function LeadPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { org } = useSession();
  const at = useAt();
  const lead = useQuery(leadOptions(org, id, at));
  const l = lead.data;
  return (
    <Page title={(l && (personName(l) || w.leads.erased)) || w.leads.one} about={<PlaceLink to="/leads">{w.leads.title}</PlaceLink>} actions={l && <LeadActions lead={l} />}>
      {lead.error ? (
        <>
          <PastOrProblem error={lead.error} onRetry={() => void lead.refetch()} />
          {!at && lead.error instanceof ProblemError && lead.error.status === 404 && <Removed id={id} />}
        </>
      ) : !l ? (
        <SkeletonRows />
      ) : (
        <div className="grid min-w-0 grid-cols-[minmax(0,1fr)_20rem] gap-x-10 gap-y-6 px-4 pb-10 max-lg:grid-cols-1 sm:px-6">
          <div className="flex min-w-0 flex-col gap-6">
            <StateLine lead={l} />
            <Enrollments lead={l} />
            <StorySection lead={l} />
          </div>
          <About lead={l} />
        </div>
      )}
    </Page>
  );
}
