import { useQuery } from "@tanstack/react-query";
import { useMay, useSession } from "@/app/session";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { reasonInWords } from "./parts";
import { whyOptions, type Enrollment } from "./queries";

const waits = (e: Enrollment) => e.state === "active" || e.state === "deferred";

function useWhy(e: Enrollment) {
  const { org } = useSession();
  return useQuery({ ...whyOptions(org, e.id), enabled: useMay("campaigns:read") && waits(e), staleTime: 5 * 60_000 });
}

/** Why a person gets nothing at this moment. */
export function Reason({ enrollment }: { enrollment: Enrollment }) {
  const why = useWhy(enrollment);
  if (enrollment.reason) return <span className="text-text-2">{reasonInWords(enrollment.reason)}</span>;
  if (!waits(enrollment)) return <span className="text-text-3">–</span>;
  if (!why.data) return null;
  return <span className="text-text-2">{why.data.bound ? ruleInWords(why.data.bound) : w.campaigns.nextNow}</span>;
}

/** When something can happen next. */
export function NextTime({ enrollment }: { enrollment: Enrollment }) {
  const why = useWhy(enrollment);
  if (enrollment.state === "paused") return enrollment.paused_until ? <Time at={enrollment.paused_until} /> : <span className="text-text-3">{w.campaigns.nextAfter}</span>;
  if (!waits(enrollment)) return <span className="text-text-3">–</span>;
  if (!why.data) return null;
  return why.data.not_before ? <Time at={why.data.not_before} theirs={zoneOf(why.data)} /> : <span className="text-text-3">–</span>;
}

/** The person's zone, as the rule about working hours looked at it. */
export function zoneOf(why: { rules: { rule: string; inputs: Record<string, unknown> }[] }) {
  const zone = why.rules.find((r) => r.rule === "window")?.inputs.zone;
  return typeof zone === "string" ? zone : undefined;
}
