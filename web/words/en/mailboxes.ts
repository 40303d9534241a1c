export const mailboxes = {
  title: "Mailboxes",
  connect: "Connect a mailbox",
  statuses: { active: "Active", warming: "Warming up", pending: "Not verified", suspended: "Stopped" } as Record<string, string>,
};
