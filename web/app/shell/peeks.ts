import { lazy, type ComponentType } from "react";
import { w } from "@/words";

/** What can be looked at beside a list: its contents, its page, its name. A place adds what it has. */
export const peeks: Record<string, { Body: ComponentType<{ id: string }>; path: (id: string) => string; label: string }> = {
  lead: { Body: lazy(() => import("@/app/places/leads/peek")), path: (id) => `/leads/${id}`, label: w.leads.one },
};
