import { useNow } from "@/app/clock";
import { zone } from "@/app/zone";
import { formatAbsolute, formatRelative } from "@/words/format";
import { CopyText } from "./copy";
import { Pop, Tip } from "./overlay";

/** An instant: relative, and in full (yours, theirs, UTC) for who points at it. */
export function Time({ at, theirs, absolute, past }: { at?: string | Date | null; theirs?: string; absolute?: boolean; past?: boolean }) {
  const now = useNow();
  if (!at) return <span className="text-text-3">–</span>;
  const when = new Date(at);
  const text = absolute ? formatAbsolute(when, zone()) : formatRelative(past && when > now ? now : when, now); // a clock that is simulated may be behind
  return (
    <Tip
      text={
        <span className="flex flex-col gap-0.5">
          <span>{formatAbsolute(when, zone())}</span>
          {theirs && <span>{formatAbsolute(when, theirs)}</span>}
          <span>{formatAbsolute(when, "UTC")}</span>
        </span>
      }
    >
      <time dateTime={when.toISOString()} className="whitespace-nowrap">
        {text}
      </time>
    </Tip>
  );
}

/** The same, which opens to be copied. */
export function TimeButton({ at, theirs }: { at: string; theirs?: string }) {
  const now = useNow();
  const when = new Date(at);
  return (
    <Pop
      label={formatAbsolute(when, zone())}
      trigger={
        <button type="button" className="min-h-6 underline decoration-dotted underline-offset-2">
          {formatRelative(when, now)}
        </button>
      }
    >
      <div className="flex flex-col gap-1">
        {[zone(), theirs, "UTC"].filter((z): z is string => !!z).map((z) => (
          <CopyText key={z} label="" text={when.toISOString()} show={formatAbsolute(when, z)} />
        ))}
      </div>
    </Pop>
  );
}
