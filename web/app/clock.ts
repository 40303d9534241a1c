import { useSyncExternalStore } from "react";

// What time it is for the server: a simulated demo runs at its own speed. Ticks every 15 s; a simulated clock tells more often.
let ahead = 0; // ms
let now = new Date();
const listeners = new Set<() => void>();

function tell() {
  now = new Date(Date.now() + ahead);
  for (const l of listeners) l();
}

setInterval(tell, 15_000);

/** Takes over the server's time. */
export function setServerTime(at: Date) {
  ahead = at.getTime() - Date.now();
  if (Math.abs(ahead) < 2000) ahead = 0;
  tell();
}

export function serverNow() {
  return new Date(Date.now() + ahead);
}

export function useNow() {
  return useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => now,
  );
}
