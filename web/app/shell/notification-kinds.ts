import type { Schemas } from "@/api/client";

export type Choices = Schemas["Notifications"];
export type NotificationKind = keyof typeof notificationTypes & keyof Choices;

/** The events of each kind of notification, by the first words of their types. */
export const notificationTypes = {
  mentions: ["thread.noted"],
  assigned: ["thread.assigned"],
  replies: ["message.replied"],
  meetings: ["meeting.booked", "meeting.rescheduled", "meeting.cancelled"],
  stopped: ["campaign.paused", "mailbox.paused", "mailbox.reading_failed"],
  in_doubt: ["message.in_doubt"],
  launches: ["campaign.launch_requested"],
  imports: ["import.completed", "import.failed"],
  usage: ["quota.refused"],
} as const;

export const notificationKinds = Object.keys(notificationTypes) as NotificationKind[];

/** Kinds that somebody hasn't chosen about are told. */
export const isTold = (c: Choices | undefined, kind: NotificationKind) => c?.[kind]?.app ?? true;

/** Of kinds that somebody hasn't chosen about, what is theirs and what has stopped comes by mail. */
export const isMailed = (c: Choices | undefined, kind: NotificationKind) => c?.[kind]?.mail ?? (kind === "mentions" || kind === "assigned" || kind === "launches" || kind === "stopped");

export const typesTold = (c: Choices | undefined): string[] => notificationKinds.filter((k) => isTold(c, k)).flatMap((k) => [...notificationTypes[k]]);

/** Reports whether an event is for somebody: notes for whom they name, conversations for whom they are given to, requests to launch for who may. */
export function isFor(e: { type: string; data?: Record<string, unknown> }, me: string, permissions: readonly string[] = []): boolean {
  if (e.type.startsWith("campaign.launch_requested")) return permissions.includes("campaigns:send");
  if (e.type.startsWith("thread.noted")) return Array.isArray(e.data?.mentions) && e.data.mentions.includes(me);
  if (e.type.startsWith("thread.assigned")) return e.data?.assignee === me;
  return true;
}
