import { w } from "@/words";

/** How long answers can be taken back, to choose from; what is set now among them. */
export const undoOptions = (now?: number) =>
  [...new Set([now ?? 10, 0, 5, 10, 20, 30, 60])].sort((a, b) => a - b).map((n) => ({ value: String(n), label: w.settings.organization.undoOf(n) }));
