import { useSyncExternalStore } from "react";
import type { Schemas } from "@/api/client";
import { guessed, type Mapping, type Options, type ReadAs } from "./mapping";

// A file that is being prepared. Browsers give no way to keep a file over a reload, so it lives as long as the tab's page; from the check on
// everything is on the server.
export type Draft = { file?: File; readAs: ReadAs; inspection?: Schemas["ImportInspection"]; mapping: Mapping; options: Options; checkID?: string };

const nothing: Draft = { readAs: { charset: "", delimiter: "", header_row: "" }, mapping: {}, options: { on_duplicate: "skip", tags: "", lawful_basis: "", time_zone: "", source: "" } };
const drafts = new Map<string, Draft>();
const listeners = new Set<() => void>();

export function setDraft(org: string, change: Partial<Draft>) {
  drafts.set(org, { ...draftOf(org), ...change });
  for (const l of listeners) l();
}

/** Takes over what the server found; columns that are the same keep what was chosen for them. */
export function takeInspection(org: string, inspection: Schemas["ImportInspection"]) {
  const before = draftOf(org);
  const old = before.inspection ? before.mapping : {};
  const mapping = guessed(inspection.columns);
  for (const [k, v] of Object.entries(old)) if (k in mapping) mapping[k] = v;
  setDraft(org, { inspection, mapping });
}

export function clearDraft(org: string) {
  drafts.delete(org);
  for (const l of listeners) l();
}

export const draftOf = (org: string) => drafts.get(org) ?? nothing;

export function useDraft(org: string) {
  return useSyncExternalStore(
    (l) => (listeners.add(l), () => void listeners.delete(l)),
    () => draftOf(org),
  );
}
