package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// EndMailboxPermission stops a mailbox whose provider takes the permission to use it for ended. It goes on once it is signed in again and verified.
type EndMailboxPermission struct {
	events.MailboxRef
}

func (EndMailboxPermission) CommandType() string { return "mailbox.end_permission.v1" }

// Decide has nothing to do for a mailbox that is stopped already.
func (c EndMailboxPermission) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused != "":
		return nil, nil
	}
	return oneEvent(events.MailboxPaused{MailboxRef: c.MailboxRef, Reason: events.PausedPermission})
}
