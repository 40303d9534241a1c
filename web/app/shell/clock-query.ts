import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schemas } from "@/api/client";
import { setServerTime } from "@/app/clock";

export type Clock = Schemas["Clock"];
export type Milestone = Clock["milestones"][number];
export type ClockChange = Schemas["ClockChange"];

export const setClock = (body: ClockChange) => must(api.PUT("/v1/clock", { body }));

/** Reports whether simulated time is being played, and hasn't reached the end of what is played. */
export const isPlaying = (c: Clock) => c.simulated && !!c.to && c.now < c.to;

/** The time of the server, where it is a demonstration's. Asked for often while it is played. */
export const clockOptions = (org: string) =>
  queryOptions({
    queryKey: [org, "clock"],
    queryFn: async () => {
      const c = await must(api.GET("/v1/clock"));
      setServerTime(new Date(c.now));
      return c;
    },
    refetchInterval: (q) => (!q.state.data ? 60_000 : isPlaying(q.state.data) ? 1_000 : 15_000),
    retry: false,
  });
