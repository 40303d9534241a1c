// The organisation of this tab, and how far its history must have come for what is read next.
let current = "";
const positions = new Map<string, string>();
const listeners = new Set<() => void>();

export function organization() {
  return current;
}

export function setOrganization(id: string) {
  current = id;
}

export function positionOf(org: string) {
  return positions.get(org);
}

export function notePosition(org: string, position: string) {
  positions.set(org, position);
  for (const l of listeners) l();
}

export function onPosition(l: () => void) {
  listeners.add(l);
  return () => void listeners.delete(l);
}
