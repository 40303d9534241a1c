// What a forecast is asked for stands in the URL: "cap_per_day=40;window=1,2,3,4,5|08:00|18:00".
export type WhatIf = { cap_per_day?: number; more_mailboxes?: number; more_people?: number; new_people_per_day?: number; window_days?: string; window_from?: string; window_to?: string };

const most = { cap_per_day: 100_000, more_mailboxes: 50, more_people: 20_000, new_people_per_day: 1_000_000 };
type Amount = keyof typeof most;

export function readWhatIf(text: unknown): WhatIf {
  const out: WhatIf = {};
  if (typeof text !== "string") return out;
  for (const part of text.split(";")) {
    const [name = "", value = ""] = part.split("=");
    const n = Number(value);
    if (name in most && Number.isInteger(n) && n > 0 && n <= most[name as Amount]) out[name as Amount] = n;
    const [days, from, to] = value.split("|");
    if (name === "window" && /^[1-7](,[1-7]){0,6}$/.test(days ?? "") && isTime(from) && isTime(to) && from! < to!) Object.assign(out, { window_days: days, window_from: from, window_to: to });
  }
  return out;
}

const isTime = (t?: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(t ?? "");

export function writeWhatIf(ask: WhatIf): string | undefined {
  const parts = (Object.keys(most) as Amount[]).flatMap((name) => (ask[name] ? [`${name}=${ask[name]}`] : []));
  if (ask.window_days) parts.push(`window=${ask.window_days}|${ask.window_from}|${ask.window_to}`);
  return parts.join(";") || undefined;
}
