import { zone } from "@/app/zone";
import { formatAbsolute } from "@/words/format";

const clocks = new Map<string, Intl.DateTimeFormat>();

/** An instant to the second, as a log shows it; in full for who points at it. */
export function Stamp({ at }: { at: string }) {
  const z = zone();
  let f = clocks.get(z);
  if (!f) clocks.set(z, (f = new Intl.DateTimeFormat(undefined, { timeZone: z, day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" })));
  const when = new Date(at);
  return (
    <time dateTime={at} title={formatAbsolute(when, z)} className="whitespace-nowrap text-text-2">
      {f.format(when)}
    </time>
  );
}
