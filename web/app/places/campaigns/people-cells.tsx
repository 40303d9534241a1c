import { Time } from "@/ui/time";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { reasonInWords } from "./parts";
import type { Enrollment } from "./queries";

const waits = (e: Enrollment) => e.state === "active" || e.state === "deferred";

/** Why a person gets nothing at this moment. */
export function Reason({ enrollment: e }: { enrollment: Enrollment }) {
  if (e.reason) return <span className="text-text-2">{reasonInWords(e.reason)}</span>;
  if (!waits(e)) return <span className="text-text-3">–</span>;
  return <span className="text-text-2">{e.waiting_text ?? (e.rule ? ruleInWords(e.rule) : w.campaigns.nextNow)}</span>;
}

/** When something can happen next. */
export function NextTime({ enrollment: e }: { enrollment: Enrollment }) {
  if (e.state === "paused") return e.paused_until ? <Time at={e.paused_until} /> : <span className="text-text-3">{w.campaigns.nextAfter}</span>;
  if (!waits(e) || !e.next_at) return <span className="text-text-3">–</span>;
  return <Time at={e.next_at} />;
}
