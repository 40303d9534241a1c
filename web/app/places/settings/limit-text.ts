import { w } from "@/words";
import { formatBytes, formatCount } from "@/words/format";

const s = w.settings.usage;

/** A limit as it is read: -1 is none. */
export function limitText(name: string, n: number) {
  if (n < 0) return s.unlimited;
  if (name === "ai_budget_micros") return s.dollars(n / 1_000_000);
  return name === "import_bytes" ? formatBytes(n) : formatCount(n);
}

export const limitName = (name: string) => s.limits[name] ?? name.replaceAll("_", " ");
