import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";

export type Meeting = Schemas["Meeting"];
export type Hours = Schemas["BookingHours"];
export type Host = Schemas["BookingHost"];

/** Whose calendars count, and what is known of each. */
export const hostsOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "meetings", "hosts"],
    queryFn: async () => (await must(api.GET("/v1/booking-hosts"))).data,
    refetchInterval: 30_000, // what a calendar answers is in no event
  });

/** All meetings, of which the newest 4,000 at most. */
export const meetingsOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "meetings", "all"],
    queryFn: async () => {
      const all: Meeting[] = [];
      for (let cursor: string | undefined, n = 0; n < 20; n++) {
        const page = await must(api.GET("/v1/meetings", { params: { query: { limit: 200, cursor } } }));
        all.push(...page.data);
        if (!(cursor = page.next_cursor ?? undefined)) break;
      }
      return all;
    },
  });

/** When the organisation can be met; null until that is said for the first time. */
export const hoursOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "meetings", "hours"],
    queryFn: async (): Promise<Hours | null> => {
      try {
        return await must(api.GET("/v1/booking-hours"));
      } catch (err) {
        if (err instanceof ProblemError && err.status === 404) return null;
        throw err;
      }
    },
  });
