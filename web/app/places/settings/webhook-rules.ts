import type { Schemas } from "@/api/client";
import { webhooks as s } from "@/words/en/settings-webhooks";

type Webhook = Schemas["Webhook"];

/** What a webhook is called: its name, else the host that it leads to. */
export function nameOf(x: Pick<Webhook, "name" | "url">): string {
  if (x.name) return x.name;
  try {
    return new URL(x.url).host;
  } catch {
    return s.unnamed;
  }
}

export type WebhookState = "on" | "failing" | "gone" | "off_failing" | "asked";

/** How deliveries go, in one word. */
export function stateOf(x: Pick<Webhook, "enabled" | "off_reason" | "failing_since">): WebhookState {
  if (x.enabled) return x.failing_since ? "failing" : "on";
  return x.off_reason === "gone" ? "gone" : x.off_reason === "failing" ? "off_failing" : "asked";
}

/** What is wrong with a period that is to be replayed; empty = nothing. */
export function periodProblem(from: string, to: string): string {
  if (!from || !to) return "";
  const ms = new Date(to).getTime() - new Date(from).getTime();
  if (!(ms > 0)) return s.replayBackwards;
  return ms > 31 * 86_400_000 ? s.replayHint : "";
}
