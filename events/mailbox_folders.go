package events

// MailFolder is a folder of a mailbox, as its server lists it.
type MailFolder struct {
	Name  string `json:"name"`           // as the server writes it
	Shown string `json:"shown,omitzero"` // as people read it, where that differs
	Use   string `json:"use,omitzero"`   // sent, drafts, trash, junk, all, archive, flagged (RFC 6154); empty = none
}

// Uses of folders.
const (
	FolderSent    = "sent"
	FolderDrafts  = "drafts"
	FolderTrash   = "trash"
	FolderJunk    = "junk"
	FolderAll     = "all"
	FolderArchive = "archive"
	FolderFlagged = "flagged"
)

// MailboxFoldersListed says which folders a mailbox has. It is said again when there are others.
type MailboxFoldersListed struct {
	MailboxRef
	Folders []MailFolder `json:"folders"`
}

func (MailboxFoldersListed) EventType() string { return "mailbox.folders_listed.v1" }

// MailboxFoldersSet says which folders are read besides INBOX and those of unwanted mail.
type MailboxFoldersSet struct {
	MailboxRef
	Folders []string `json:"folders"` // names as the server writes them; none = only those
}

func (MailboxFoldersSet) EventType() string { return "mailbox.folders_set.v1" }
