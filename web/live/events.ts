export type LiveEvent = { oseq: number; type: string; subject: string; time: string; position: string; text?: string; refs?: Record<string, string> };

/** One block of a stream of server-sent events; undefined for comments and what isn't ours. */
export function parseEvent(block: string): LiveEvent | undefined {
  const data = block
    .split("\n")
    .filter((l) => l.startsWith("data:"))
    .map((l) => l.slice(5).trimStart())
    .join("\n");
  if (!data) return undefined;
  try {
    const e = JSON.parse(data) as LiveEvent;
    return typeof e.oseq === "number" ? e : undefined;
  } catch {
    return undefined;
  }
}
