// Which times a booking page offers, to show what hours mean while they are edited. What is booked already isn't known here.
type Hours = { window: { days: number[]; from: string; to: string }; slot_minutes: number; notice_minutes: number; days_ahead: number };

const parts = new Map<string, Intl.DateTimeFormat>();

function wallOf(at: number, zone: string) {
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

const minutesOf = (hhmm: string) => {
  const [h = 0, m = 0] = hhmm.split(":").map(Number);
  return h * 60 + m;
};

/** The first open days, each with the begins of its meetings. */
export function openDays(hours: Hours, zone: string, now: Date, most: number): { day: Date; slots: Date[] }[] {
  const out: { day: Date; slots: Date[] }[] = [];
  const from = minutesOf(hours.window.from);
  const to = minutesOf(hours.window.to);
  const first = now.getTime() + hours.notice_minutes * 60_000;
  const last = now.getTime() + hours.days_ahead * 86_400_000;
  if (!(hours.slot_minutes > 0)) return out;
  const today = wallOf(now.getTime(), zone);
  for (let i = 0; i <= hours.days_ahead && out.length < most; i++) {
    const noon = new Date(Date.UTC(today.y, today.m - 1, today.d + i, 12));
    const weekday = ((noon.getUTCDay() + 6) % 7) + 1;
    if (!hours.window.days.includes(weekday)) continue;
    const slots: Date[] = [];
    for (let t = from; t + hours.slot_minutes <= to; t += hours.slot_minutes) {
      const at = instantOf(noon.getUTCFullYear(), noon.getUTCMonth() + 1, noon.getUTCDate(), t, zone);
      if (at >= first && at <= last) slots.push(new Date(at));
    }
    if (slots.length > 0) out.push({ day: slots[0]!, slots });
  }
  return out;
}

/** Why hours never offer a time; undefined when they do. */
export function neverOffers(hours: Hours): "short" | "notice" | undefined {
  if (minutesOf(hours.window.to) - minutesOf(hours.window.from) < hours.slot_minutes) return "short";
  if (hours.notice_minutes >= hours.days_ahead * 1440) return "notice";
  return undefined;
}
