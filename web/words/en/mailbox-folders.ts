// Words of the folders of a mailbox.
export const mailboxFolders = {
  title: "Folders that are read",
  about: "INBOX and unwanted mail are always read. Choose more where rules or people move answers elsewhere: a mail counts once, wherever it lies. The first time a folder is read 30 days back.",
  notListed: "They are listed when the mailbox is read for the first time.",
  always: "always read",
  never: "no answers lie there",
  missing: "not there any more",
  uses: { sent: "sent mail", drafts: "drafts", trash: "thrown away", junk: "unwanted mail", all: "all mail", archive: "archive", flagged: "marked" } as Record<string, string>,
  readAt: "read",
  save: "Save the folders",
  saved: "Saved. They are read with the next round.",
};
