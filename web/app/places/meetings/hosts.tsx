import { useQuery } from "@tanstack/react-query";
import { Go } from "@/app/go";
import { Section } from "@/app/page";
import { linkLook } from "@/app/place-link";
import { useSession } from "@/app/session";
import { Chip, type Tone } from "@/ui/chip";
import { ProblemNote } from "@/ui/states";
import { Time } from "@/ui/time";
import { calendars as c } from "@/words/en/calendars";
import { hostsOptions, type Host } from "./queries";

const tones: Record<Host["state"], Tone> = { ready: "good", partly: "warn", unknown: "bad", needs_you: "bad", paused: "plain" };

/** Whose calendars offer times, and whether each is known now. */
export function Hosts() {
  const { org } = useSession();
  const hosts = useQuery(hostsOptions(org));
  if (hosts.isError) return <ProblemNote error={hosts.error} onRetry={() => void hosts.refetch()} />;
  const all = hosts.data ?? [];
  const met = all.filter((h) => h.written);
  return (
    <Section title={c.hosts}>
      <p className="py-2 text-text-2">
        {met.length > 0 ? c.hostsAbout : c.hostsNone} <Go path="/settings/integrations" className={linkLook}>{c.hostsConnect}</Go>
      </p>
      {isAway(all) && (
        <p role="status" className="pb-2 text-bad">
          {c.allAway}
        </p>
      )}
      <ul className="text-table">
        {all.map((h) => (
          <li key={h.integration_id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b py-2 last:border-b-0">
            <span className="min-w-0 flex-1 basis-48 break-words">
              {h.account} {!h.written && <span className="text-text-3">({c.onlyLooked})</span>}
            </span>
            <span className="text-text-3">
              {c.count(h.calendars)}
              {h.looked_at && (
                <>
                  , {c.lookedAt} <Time past at={h.looked_at} />
                </>
              )}
            </span>
            <Chip tone={tones[h.state]}>{c.states[h.state]}</Chip>
            {c.stateHints[h.state] && <span className="basis-full text-text-2">{c.stateHints[h.state]}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** No time can be offered: nobody who counts has a calendar that is known now. */
export const isAway = (all: Host[]) => {
  const met = all.filter((h) => h.written);
  const counts = met.length > 0 ? met : all;
  return counts.length > 0 && counts.every((h) => h.state !== "ready" && h.state !== "partly");
};
