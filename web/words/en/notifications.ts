import { counted } from "../format";

export const notifications = {
  title: "Notifications",
  unread: (n: number) => (n > 0 ? `Notifications: ${counted(n, "new one", "new ones")}` : "Notifications"),
  empty: "Nothing yet. Answers, meetings and what has stopped will be told here.",
  choose: "Choose what is told",
  app: "In the dashboard",
  mail: "By mail",
  inApp: (kind: string) => `${kind}: in the dashboard`,
  byMail: (kind: string) => `${kind}: by mail`,
  when: "When mails come",
  whenHint: "A mail names no lead and quotes nothing: it says what happened, with a link. Each has a link that ends them.",
  times: { at_once: "Soon after it happened, at most one in ten minutes", daily: "Once a day, at eight" } as Record<string, string>,
  kinds: {
    mentions: ["Notes that name you", "Somebody wrote @ and your name in a note on a conversation."],
    assigned: ["Conversations of yours", "One was assigned to you; by mail also when somebody answered in one."],
    replies: ["Answers of people", "Somebody answered a message."],
    meetings: ["Meetings", "Booked, moved or cancelled."],
    stopped: ["What has stopped", "A campaign or a mailbox was paused, by hand or by a rule."],
    in_doubt: ["Messages in doubt", "Nobody knows whether a message left: somebody must look."],
    launches: ["Requests to launch", "Somebody who may not launch asked for it; for who may."],
    imports: ["Imports", "A file is imported, or the import failed."],
    usage: ["Limits of the plan", "Something was refused as a limit is reached."],
  } as Record<string, [string, string]>,
};
