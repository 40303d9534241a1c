import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { Go } from "@/app/go";
import { useMay, useSession } from "@/app/session";
import { Chip } from "@/ui/chip";
import { Time } from "@/ui/time";
import { bookingPages as b } from "@/words/en/booking-pages";

/** All connections to services of others. */
export const connectionsOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "integrations", "calendars"],
    queryFn: async () => (await must(api.GET("/v1/integrations"))).data,
  });

/** Which calendars bookings come from, and whether each still tells us. Nothing while there is only our own page. */
export function Calendars() {
  const { org } = useSession();
  const all = useQuery({ ...connectionsOptions(org), enabled: useMay("integrations:manage") });
  const asked = (all.data ?? []).filter((c) => b.names[c.provider]);
  if (asked.length === 0) return null;
  return (
    <section aria-label={b.calendars} className="flex flex-wrap items-center gap-x-6 gap-y-1 px-4 pb-3 text-table sm:px-6">
      <h2 className="text-text-3">{b.calendars}</h2>
      <ul className="flex flex-wrap gap-x-6 gap-y-1">
        {asked.map((c) => (
          <li key={c.id} className="inline-flex flex-wrap items-center gap-2">
            <Go path="/settings/integrations" className="font-medium">
              {b.names[c.provider]}
            </Go>
            <span className="text-text-3">{c.account}</span>
            <Chip tone={c.state === "needs_you" ? "bad" : c.failing_since ? "warn" : c.state === "paused" ? "plain" : "good"}>{c.state === "connected" && c.failing_since ? b.failing : b.states[c.state]}</Chip>
            {c.state === "needs_you" && (
              <span className="text-text-2">
                {c.detail} <Time past at={c.since} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
