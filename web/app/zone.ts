// The zone in which times are shown: of the organisation when it is known, else of the browser.
let chosen = "";

export function zone() {
  return chosen || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function setZone(z: string | undefined) {
  chosen = z ?? "";
}
