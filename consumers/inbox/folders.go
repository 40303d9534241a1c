package inbox

import (
	"context"
	"strconv"
	"time"

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

// junkFolders returns the folders that a mail server sorts answers into by mistake. One that was never read is read from some time ago on: it may have been
// created for the answer that lies in it. Sent, Drafts and Trash are never read.
func (m *Monitor) junkFolders(ctx context.Context, b mailboxes.Mailbox, r *inboxConnection) []string {
	now := m.Now()
	if !r.listed.IsZero() && now.Sub(r.listed) < listEvery {
		return r.junk
	}
	names, err := r.client.JunkFolders(ctx)
	r.listed = now
	if err != nil {
		m.Log.Warn("the folders of a mailbox could not be listed", "mailbox", b.ID, "org", b.Org, "error", err)
		return r.junk
	}
	r.junk = names[:min(len(names), maxJunkFolders)]
	for _, name := range r.junk {
		if _, known := r.cursors[name]; !known {
			r.cursors[name] = imap.FromLookback()
		}
	}
	return r.junk
}

// recordUnreadable records that a mail is skipped.
func (m *Monitor) recordUnreadable(ctx context.Context, b mailboxes.Mailbox, batch imap.Batch, mail imap.Unreadable) error {
	m.Log.Warn("a mail can't be read and is passed over", "mailbox", b.ID, "org", b.Org, "folder", batch.Folder, "uid", mail.UID, "reason", mail.Reason)
	reason := reaction.HideAddresses(mail.Reason)
	id := es.DeriveID(b.ID, "unreadable", batch.Folder, strconv.FormatUint(uint64(batch.Next.Validity), 10), strconv.FormatUint(uint64(mail.UID), 10))
	_, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), commands.RecordUnreadableMail{MailboxRef: events.MailboxRef{MailboxID: b.ID}, Folder: batch.Folder,
		UIDValidity: int64(batch.Next.Validity), UID: int64(mail.UID), Reason: commands.Clip(reason, 500)})
	return err
}
