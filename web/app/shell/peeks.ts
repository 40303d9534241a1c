import type { ComponentType } from "react";

/** What can be looked at beside a list: its contents, its page, its name. A place adds what it has. */
export const peeks: Record<string, { Body: ComponentType<{ id: string }>; path: (id: string) => string; label: string }> = {};
