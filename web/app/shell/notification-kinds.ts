import type { Schemas } from "@/api/client";

export type Choices = Schemas["Notifications"];
export type NotificationKind = keyof typeof notificationTypes & keyof Choices;

/** The events of each kind of notification, by the first words of their types. */
export const notificationTypes = {
  replies: ["message.replied"],
  meetings: ["meeting.booked", "meeting.rescheduled", "meeting.cancelled"],
  stopped: ["campaign.paused", "mailbox.paused"],
  in_doubt: ["message.in_doubt"],
  imports: ["import.completed", "import.failed"],
  usage: ["quota.refused"],
} as const;

export const notificationKinds = Object.keys(notificationTypes) as NotificationKind[];

/** Kinds that somebody hasn't chosen about are told. */
export const isTold = (c: Choices | undefined, kind: NotificationKind) => c?.[kind]?.app ?? true;

export const typesTold = (c: Choices | undefined): string[] => notificationKinds.filter((k) => isTold(c, k)).flatMap((k) => [...notificationTypes[k]]);
