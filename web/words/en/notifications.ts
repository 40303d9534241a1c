import { counted } from "../format";

export const notifications = {
  title: "Notifications",
  unread: (n: number) => (n > 0 ? `Notifications: ${counted(n, "new one", "new ones")}` : "Notifications"),
  empty: "Nothing yet. Answers, meetings and what has stopped will be told here.",
  choose: "Choose what is told",
  kinds: {
    replies: ["Answers of people", "Somebody answered a message."],
    meetings: ["Meetings", "Booked, moved or cancelled."],
    stopped: ["What has stopped", "A campaign or a mailbox was paused, by hand or by a rule."],
    in_doubt: ["Messages in doubt", "Nobody knows whether a message left: somebody must look."],
    imports: ["Imports", "A file is imported, or the import failed."],
    usage: ["Limits of the plan", "Something was refused as a limit is reached."],
  } as Record<string, [string, string]>,
};
