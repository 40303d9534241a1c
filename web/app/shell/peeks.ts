import { lazy, type ComponentType } from "react";
import { loadPart } from "@/ui/load-part";
import { w } from "@/words";

/** What can be looked at beside a list: its contents, its page, its name. A place adds what it has. */
export const peeks: Record<string, { Body: ComponentType<{ id: string }>; path: (id: string) => string; label: string }> = {
  enrollment: { Body: lazy(() => loadPart(() => import("@/app/places/campaigns/why")).then((m) => ({ default: m.EnrollmentPeek }))), path: (id) => `/leads/${id.split(".")[1] ?? ""}`, label: w.campaigns.personPeek },
  message: { Body: lazy(() => loadPart(() => import("@/app/places/campaigns/message-peek")).then((m) => ({ default: m.MessagePeek }))), path: (id) => `/history?subject=${id}`, label: w.campaigns.messagePeek },
  lead: { Body: lazy(() => loadPart(() => import("@/app/places/leads/peek"))), path: (id) => `/leads/${id}`, label: w.leads.one },
  event: { Body: lazy(() => loadPart(() => import("@/app/places/history/event"))), path: (id) => `/history/${id}`, label: w.history.eventLabel },
};
