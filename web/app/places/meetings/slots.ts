// Which times a booking page offers, to show what hours mean while they are edited. What is booked already isn't known here.
export type Range = { from: string; to: string };
type Window = Range & { days: number[] };
type Hours = { windows: Window[]; days_off?: string[]; slot_minutes: number; notice_minutes: number; days_ahead: number };

const parts = new Map<string, Intl.DateTimeFormat>();

export function wallOf(at: number, zone: string) {
  let f = parts.get(zone);
  if (!f) parts.set(zone, (f = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" })));
  const p = Object.fromEntries(f.formatToParts(at).map((x) => [x.type, Number(x.value)]));
  return { y: p.year!, m: p.month!, d: p.day!, minutes: p.hour! * 60 + p.minute!, asUTC: Date.UTC(p.year!, p.month! - 1, p.day!, p.hour!, p.minute!, p.second!) };
}

/** The instant at which a wall clock in a zone shows these minutes of a day. In the hour that a change of clocks leaves out it is the one after. */
export function instantOf(y: number, m: number, d: number, minutes: number, zone: string): number {
  const wanted = Date.UTC(y, m - 1, d, 0, minutes);
  let at = wanted;
  for (let i = 0; i < 3; i++) at += wanted - wallOf(at, zone).asUTC;
  return at;
}

export const minutesOf = (hhmm: string) => {
  const [h = 0, m = 0] = hhmm.split(":").map(Number);
  return h * 60 + m;
};

/** The first open days, each with the begins of its meetings. */
export function openDays(hours: Hours, zone: string, now: Date, most: number): { day: Date; slots: Date[] }[] {
  const out: { day: Date; slots: Date[] }[] = [];
  const first = now.getTime() + hours.notice_minutes * 60_000;
  const last = now.getTime() + hours.days_ahead * 86_400_000;
  if (!(hours.slot_minutes > 0)) return out;
  const today = wallOf(now.getTime(), zone);
  for (let i = 0; i <= hours.days_ahead && out.length < most; i++) {
    const noon = new Date(Date.UTC(today.y, today.m - 1, today.d + i, 12));
    const weekday = ((noon.getUTCDay() + 6) % 7) + 1;
    if (hours.days_off?.includes(noon.toISOString().slice(0, 10))) continue;
    const slots: Date[] = [];
    for (const w of hours.windows.filter((w) => w.days.includes(weekday))) {
      for (let t = minutesOf(w.from); t + hours.slot_minutes <= minutesOf(w.to); t += hours.slot_minutes) {
        const at = instantOf(noon.getUTCFullYear(), noon.getUTCMonth() + 1, noon.getUTCDate(), t, zone);
        if (at >= first && at <= last) slots.push(new Date(at));
      }
    }
    slots.sort((a, b) => a.getTime() - b.getTime());
    if (slots.length > 0) out.push({ day: slots[0]!, slots });
  }
  return out;
}

/** Why hours never offer a time, or can't be saved; undefined when they do. */
export function neverOffers(hours: Hours): "closed" | "short" | "notice" | "overlap" | undefined {
  if (hours.windows.length === 0) return "closed";
  if (daysOf(hours.windows).some(overlap)) return "overlap";
  if (Math.max(...hours.windows.map((w) => minutesOf(w.to) - minutesOf(w.from))) < hours.slot_minutes) return "short";
  if (hours.notice_minutes >= hours.days_ahead * 1440) return "notice";
  return undefined;
}

/** Whether hours of one day overlap, or end before they begin. */
export function overlap(ranges: Range[]): boolean {
  return ranges.some((r, i) => minutesOf(r.to) - minutesOf(r.from) < 5 || ranges.slice(0, i).some((x) => minutesOf(x.from) < minutesOf(r.to) && minutesOf(r.from) < minutesOf(x.to)));
}

/** The hours of each day of the week, Monday first. */
export function daysOf(windows: Window[]): Range[][] {
  return [1, 2, 3, 4, 5, 6, 7].map((day) => windows.filter((w) => w.days.includes(day)).map(({ from, to }) => ({ from, to })).sort((a, b) => minutesOf(a.from) - minutesOf(b.from)));
}

/** The windows that give each day its hours. */
export function windowsOf(days: Range[][]): Window[] {
  const found = new Map<string, Window>();
  days.forEach((ranges, i) =>
    ranges.forEach((r) => {
      const key = r.from + r.to;
      const w = found.get(key);
      if (!w) found.set(key, { days: [i + 1], from: r.from, to: r.to });
      else if (!w.days.includes(i + 1)) w.days.push(i + 1);
    }),
  );
  return [...found.values()].sort((a, b) => minutesOf(a.from) - minutesOf(b.from) || minutesOf(a.to) - minutesOf(b.to));
}
