import { useQuery } from "@tanstack/react-query";
import { personName } from "@/app/names";
import { useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { About, StateLine } from "./about";
import { LeadActions } from "./actions";
import { Enrollments } from "./enrollments";
import { leadOptions } from "./queries";
import { StorySection } from "./story-section";

/** The same person beside a list. */
export default function LeadPeek({ id }: { id: string }) {
  const { org } = useSession();
  const lead = useQuery(leadOptions(org, id, useAt()));
  if (lead.error) return <ProblemNote error={lead.error} onRetry={() => void lead.refetch()} />;
  const l = lead.data;
  if (!l) return <SkeletonRows rows={6} />;
  return (
    <div className="flex min-w-0 flex-col gap-5 px-4 pt-3 pb-8">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-56">
          <h2 className="text-page font-semibold break-words">{personName(l) || w.leads.erased}</h2>
          <p className="break-words text-text-2">{[l.job_title, l.company_name].filter(Boolean).join(", ")}</p>
          <p className="break-all text-text-3">{l.email}</p>
        </div>
        <LeadActions lead={l} />
      </header>
      <StateLine lead={l} />
      <Enrollments lead={l} />
      <StorySection lead={l} />
      <About lead={l} />
    </div>
  );
}
