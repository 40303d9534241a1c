import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, CircleHelp, LoaderCircle } from "lucide-react";
import { useMay, useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { formatCount } from "@/words/format";
import { checkState, checksOf, optionalChecks } from "./checks";
import { planOptions, type Mailbox } from "./queries";
import { mailboxTone } from "./tones";

export const pauseInWords = (reason?: string) => (reason ? (w.mailboxes.pauseReasons[reason] ?? reason.replaceAll("_", " ")) : "");

export function MailboxState({ box }: { box: Pick<Mailbox, "status" | "pause_reason" | "reading_failure"> }) {
  const byRule = box.status === "suspended" && box.pause_reason !== "manual";
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-2">
      <Chip tone={byRule ? "bad" : mailboxTone(box.status)} title={w.mailboxes.statusAbout[box.status]}>
        {w.mailboxes.statuses[box.status]}
      </Chip>
      {box.status === "suspended" && box.pause_reason && <span className="truncate text-table text-text-2">{pauseInWords(box.pause_reason)}</span>}
      {box.status !== "suspended" && box.reading_failure && (
        <>
          <Chip tone="bad" title={w.mailboxes.unreadAbout}>
            {w.mailboxes.unread}
          </Chip>
          <span className="truncate text-table text-text-2">{w.mailboxes.readingFailures[box.reading_failure.reason]}</span>
        </>
      )}
    </span>
  );
}

/** Sent today of what may be sent today, and the rule that takes away most. */
export function Today({ box }: { box: Mailbox }) {
  const { org } = useSession();
  const plan = useQuery({ ...planOptions(org, box.id), enabled: useMay("campaigns:read") && box.status !== "pending" });
  if (!plan.data) return <span className="text-text-3">–</span>;
  const { sent, capacity, bottleneck } = plan.data;
  return (
    <span className="inline-flex min-w-0 items-center gap-2">
      <span className="w-16 shrink-0 text-right whitespace-nowrap">{w.mailboxes.sentOf(sent, capacity)}</span>
      <span aria-hidden className="h-1.5 w-16 shrink-0 overflow-hidden rounded-full bg-surface-2">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${capacity ? Math.min(100, (sent / capacity) * 100) : 0}%` }} />
      </span>
      {bottleneck && <span className="truncate text-text-2">{w.mailboxes.planRules[bottleneck] ?? ruleInWords(bottleneck)}</span>}
    </span>
  );
}

export function Health({ box }: { box: Pick<Mailbox, "health" | "health_reason" | "status"> }) {
  if (box.status === "pending") return <span className="text-text-3">–</span>;
  return (
    <span title={box.health_reason} className={box.health < 70 ? "font-medium text-bad" : box.health < 90 ? "text-warn" : ""}>
      {formatCount(box.health)} <span className="text-text-3">/ 100</span>
    </span>
  );
}

const icons = { passed: CircleCheck, failed: CircleAlert, unknown: CircleHelp, running: LoaderCircle, blocked: CircleDashed };
const tones = { passed: "text-good", failed: "text-bad", unknown: "text-warn", running: "text-accent animate-spin", blocked: "text-text-3" };

/** Each check with what was found and the way to mend it; results arrive one by one. */
export function Checks({ box, checking }: { box: Mailbox; checking: boolean }) {
  return (
    <ul aria-live="polite" className="flex flex-col">
      {checksOf(box).map((name) => {
        const state = checkState(box.checks, name);
        const shown = state === "running" && !checking ? "unknown" : state;
        const Icon = icons[shown];
        const c = w.mailboxes.checks[name]!;
        const found = box.checks[name];
        return (
          <li key={name} className="flex items-start gap-3 border-b py-2.5">
            <Icon size={16} aria-hidden className={`mt-0.5 shrink-0 ${tones[shown]}`} />
            <div className="min-w-0 flex-1">
              <p>
                <span className="font-medium">{c.title}</span> <span className="text-table text-text-3">{w.mailboxes.outcomes[shown]}</span>
                {optionalChecks.has(name) && <span className="text-table text-text-3">, {w.mailboxes.optional}</span>}
              </p>
              <p className="max-w-[72ch] text-table break-words text-text-2">{(shown !== "blocked" && found?.detail) || c.about}</p>
              {(shown === "failed" || (shown === "unknown" && found)) && <p className="max-w-[72ch] text-table">{c.fix}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
