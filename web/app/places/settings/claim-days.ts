import { fromWallTime, wallTime } from "@/app/zone";

const shifted = (day: string, by: number) => {
  const d = new Date(day + "T00:00:00Z");
  d.setUTCDate(d.getUTCDate() + by);
  return d.toISOString().slice(0, 10);
};

/** The instant at which a day is over in the zone in which times are shown. */
export function endOfDay(day: string): string | undefined {
  return fromWallTime(shifted(day, 1) + "T00:00")?.toISOString();
}

/** The last day before an instant. */
export function lastDay(end: string): string {
  return wallTime(new Date(new Date(end).getTime() - 1)).slice(0, 10);
}
