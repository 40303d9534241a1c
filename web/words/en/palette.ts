export const palette = {
  placeholder: "Search, or > for actions, @ for people, # for events",
  nothing: "Nothing found.",
  actions: "Actions",
  found: "Found",
  recent: "Opened last",
  kinds: { lead: "Person", campaign: "Campaign", mailbox: "Mailbox", message: "Message", thread: "Thread", event: "Event", request: "Request", meeting: "Meeting" } as Record<string, string>,
};
