import { queryOptions } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import { setServerTime } from "@/app/clock";

export type Milestone = { kind: string; at: string; message_id?: string; thread_id?: string; meeting_id?: string; lead_id?: string };
export type Clock = { now: string; simulated: boolean; speed: number; paused: boolean; from?: string; to?: string; milestones: Milestone[] };
export type ClockChange = { speed?: number; paused?: boolean };

type Answer = Promise<{ data?: Clock; error?: unknown; response: Response }>;

// Servers whose description doesn't have it yet answer 404, and there is no strip.
const clocks = api as unknown as { GET(path: "/v1/clock"): Answer; PUT(path: "/v1/clock", init: { body: ClockChange }): Answer };

export const setClock = (body: ClockChange) => must(clocks.PUT("/v1/clock", { body }));

/** Reports whether simulated time is being played, and hasn't reached the end of what is played. */
export const isPlaying = (c: Clock) => c.simulated && !!c.to && c.now < c.to;

/** The time of the server, where it is a demonstration's. Asked for often while it is played. */
export const clockOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "clock"],
    queryFn: async () => {
      const c = await must(clocks.GET("/v1/clock"));
      setServerTime(new Date(c.now));
      return c;
    },
    refetchInterval: (q) => (!q.state.data ? 60_000 : isPlaying(q.state.data) ? 1_000 : 15_000),
    retry: false,
  });
