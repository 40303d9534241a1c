// Dates and numbers by Intl; zones are always written where a time is exact.
const cache = new Map<string, Intl.DateTimeFormat>();

function dates(zone: string, o: Intl.DateTimeFormatOptions) {
  const key = zone + JSON.stringify(o);
  let f = cache.get(key);
  if (!f) cache.set(key, (f = new Intl.DateTimeFormat(undefined, { timeZone: zone, ...o })));
  return f;
}

export function formatAbsolute(at: Date, zone: string) {
  return dates(zone, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" }).format(at);
}

export function formatDay(at: Date | string, zone: string) {
  return dates(zone, { weekday: "short", day: "numeric", month: "short" }).format(new Date(at));
}

export function formatTime(at: Date | string, zone: string) {
  return dates(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "short" });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
  ["month", 2_629_800],
  ["year", 31_557_600],
];

export function formatRelative(at: Date, now: Date) {
  const s = (at.getTime() - now.getTime()) / 1000;
  if (Math.abs(s) < 45) return s > 0 ? "in a moment" : "just now";
  let [unit, size] = steps[0]!;
  for (const [u, n] of steps) if (Math.abs(s) >= n) [unit, size] = [u, n];
  return relative.format(Math.round(s / size), unit);
}

const counts = new Intl.NumberFormat();
export const formatCount = (n: number) => counts.format(n);

/** 0.0197 -> "2.0 %". Rates are computed on the server. */
export const formatRate = (rate: number) => new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(rate * 100) + " %";

export function formatBytes(n: number) {
  const units = ["B", "kB", "MB", "GB"];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) (n /= 1000), i++;
  return `${n.toFixed(i && n < 10 ? 1 : 0)} ${units[i]}`;
}

const plural = new Intl.PluralRules("en");

/** one(3, "person", "people") -> "3 people" */
export function counted(n: number, one: string, other: string) {
  return `${formatCount(n)} ${plural.select(n) === "one" ? one : other}`;
}

/** Millionths of a dollar: cents where that is enough, and as many places as a small sum needs. */
export function dollars(micros: number) {
  const d = micros / 1_000_000;
  const small = d !== 0 && Math.abs(d) < 0.1;
  return new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: small ? 6 : 2 }).format(d);
}
