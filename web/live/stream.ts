import { fetchSignedIn } from "@/api/client";
import { parseEvent, type LiveEvent } from "./events";

/** Reads server-sent events with headers, which EventSource can't send. Ends when the server does, or throws. */
export async function readEvents(url: string, headers: Record<string, string>, signal: AbortSignal, onOpen: () => void, onEvent: (e: LiveEvent) => void) {
  const response = await fetchSignedIn(new Request(url, { headers: { Accept: "text/event-stream", ...headers }, signal }));
  if (!response.ok || !response.body) throw new Error("the stream answered " + response.status);
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    for (let end; (end = rest.indexOf("\n\n")) >= 0; rest = rest.slice(end + 2)) {
      const e = parseEvent(rest.slice(0, end));
      if (e) onEvent(e);
    }
  }
}
