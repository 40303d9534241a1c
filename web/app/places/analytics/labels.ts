import { w } from "@/words";
import { formatDay } from "@/words/format";
import type { Schemas } from "@/api/client";

const s = w.analytics;
const date = (d: string) => formatDay(d + "T12:00:00Z", "UTC");

/** What a key is called: names come from the server, words from here. */
export function keyInWords(dimension: string, value: string, label = value): string {
  if (value === "") return s.unknown;
  switch (dimension) {
    case "day":
      return date(value);
    case "week":
    case "cohort_week":
      return s.weekOf(date(value));
    case "weekday":
      return s.weekdays[Number(value) - 1] ?? value;
    case "hour_of_day":
      return s.hourOf(value);
    case "recipient_provider":
      return value === "own_domain" ? s.ownDomain : value;
    case "reply_time":
      return s.times.buckets[value] ?? value;
    case "answered_within_weeks":
      return s.withinWeeks(Number(value));
  }
  return label || value;
}

export const rowName = (r: Schemas["AnalyticsRow"]) => r.keys.map((k) => keyInWords(k.dimension, k.value, k.label)).join(" · ");
