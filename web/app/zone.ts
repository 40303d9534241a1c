// The zone in which times are shown: of the organisation when it is known, else of the browser.
let chosen = "";

export function zone() {
  return chosen || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function setZone(z: string | undefined) {
  chosen = z ?? "";
}

/** An instant as an input of date and time holds it: by the wall clock of the zone in which times are shown. */
export function wallTime(at: Date | string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone(), dateStyle: "short", timeStyle: "short" }).format(new Date(at)).replace(" ", "T");
}

/** The instant at which the wall clock of the zone shows this; undefined where the text is none. An hour that is skipped is that after it. */
export function fromWallTime(text: string): Date | undefined {
  const utc = Date.parse(text + "Z");
  if (Number.isNaN(utc)) return undefined;
  const ahead = (t: number) => Date.parse(wallTime(new Date(t)) + "Z") - Math.floor(t / 60_000) * 60_000;
  const guess = utc - ahead(utc);
  return new Date(utc - ahead(guess));
}
