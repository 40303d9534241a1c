import { useQuery } from "@tanstack/react-query";
import { Section } from "@/app/page";
import { useSession } from "@/app/session";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Why } from "@/ui/why";
import { w } from "@/words";
import { LeadName, StateChip } from "./parts";
import { enrollmentOptions, whyOptions } from "./queries";

/** A person in a campaign, beside the list. */
export function EnrollmentPeek({ id }: { id: string }) {
  const { org } = useSession();
  const [enrollment = "", lead = ""] = id.split(".");
  const one = useQuery(enrollmentOptions(org, enrollment));
  const why = useQuery(whyOptions(org, enrollment));
  return (
    <div className="flex flex-col gap-5 p-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 text-section font-semibold wrap-anywhere">
          <LeadName id={lead} />
        </span>
        <LeadName id={lead} company />
        {one.data && <StateChip state={one.data.state} />}
        {one.data && <span className="text-table text-text-2">{`${w.campaigns.peopleColumns.step} ${w.campaigns.stepOf(one.data.step, one.data.steps)}`}</span>}
      </div>
      <Section title={w.campaigns.whyTitle}>
        {why.isPending && <SkeletonRows rows={3} />}
        {why.isError && <ProblemNote error={why.error} onRetry={() => void why.refetch()} />}
        {why.data && <Why value={why.data} />}
      </Section>
    </div>
  );
}
