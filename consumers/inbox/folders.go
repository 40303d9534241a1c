package inbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/mail/imap"
)

// Bounds of the folders that are read besides INBOX.
const (
	listEvery      = 5 * time.Minute // a folder may be created when the first mail goes there
	maxJunkFolders = 4
)

// otherFolders returns the folders that are read besides INBOX: those that a mail server sorts answers into by mistake, and those that somebody has chosen. One that was
// never read is read from some time ago on: it may have been created for the answer that lies in it. Sent, Drafts and Trash are never read.
func (m *Monitor) otherFolders(ctx context.Context, b mailboxes.Mailbox, r *inboxConnection) (names []string) {
	now := m.Now()
	if r.listed.IsZero() || now.Sub(r.listed) >= listEvery {
		found, err := r.client.Folders(ctx)
		r.listed = now
		if err == nil {
			r.junk, err = junkAmong(found), m.recordFolders(ctx, b, r, found)
		}
		if err != nil {
			m.Log.Warn("the folders of a mailbox could not be listed", "mailbox", b.ID, "org", b.Org, "error", err)
		}
	}
	names = slices.Clone(r.junk)
	for _, name := range b.ReadFolders {
		if !slices.Contains(names, name) && name != imap.Inbox {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if _, known := r.cursors[name]; !known {
			r.cursors[name] = imap.FromLookback()
		}
	}
	return names
}

func junkAmong(folders []imap.Folder) (names []string) {
	for _, f := range folders {
		if f.Use == events.FolderJunk && len(names) < maxJunkFolders {
			names = append(names, f.Name)
		}
	}
	return names
}

// recordFolders records which folders there are, where there are others than are known.
func (m *Monitor) recordFolders(ctx context.Context, b mailboxes.Mailbox, r *inboxConnection, found []imap.Folder) error {
	c := commands.ListMailboxFolders{MailboxRef: events.MailboxRef{MailboxID: b.ID}, Folders: []events.MailFolder{}}
	for _, f := range found {
		is := events.MailFolder{Name: f.Name, Use: f.Use}
		if f.Shown != f.Name {
			is.Shown = f.Shown
		}
		if utf8.ValidString(f.Name+f.Shown) && len(f.Name) <= maxFolderName && len(f.Shown) <= maxFolderName && len(c.Folders) < commands.MaxListedFolders {
			c.Folders = append(c.Folders, is)
		}
	}
	known := r.folders
	if known == nil {
		known = b.Folders
	}
	if slices.Equal(known, c.Folders) {
		return nil
	}
	a, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, es.NewID()), es.NewID(), m.Now(), c) // the same again changes nothing
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		return errors.New("record the folders: refused: " + a.Code)
	}
	r.folders = c.Folders
	return nil
}

// maxFolderName bounds the name of a folder that is shown, in bytes.
const maxFolderName = 255

// recordUnreadable records that a mail is skipped.
func (m *Monitor) recordUnreadable(ctx context.Context, b mailboxes.Mailbox, batch imap.Batch, mail imap.Unreadable) error {
	m.Log.Warn("a mail can't be read and is passed over", "mailbox", b.ID, "org", b.Org, "folder", batch.Folder, "uid", mail.UID, "reason", mail.Reason)
	reason := reaction.HideAddresses(mail.Reason)
	id := es.DeriveID(b.ID, "unreadable", batch.Folder, strconv.FormatUint(uint64(batch.Next.Validity), 10), strconv.FormatUint(uint64(mail.UID), 10))
	_, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), commands.RecordUnreadableMail{MailboxRef: events.MailboxRef{MailboxID: b.ID}, Folder: batch.Folder,
		UIDValidity: int64(batch.Next.Validity), UID: int64(mail.UID), Reason: commands.Clip(reason, 500)})
	return err
}
