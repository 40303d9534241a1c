package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// SetMailboxLetter replaces what a mailbox adds to its messages, and what it does with them once they were sent.
type SetMailboxLetter struct {
	events.MailboxRef
	Signature  events.Sealed `json:"signature,omitzero"`
	KeepCopies bool          `json:"keep_copies"`
}

func (SetMailboxLetter) CommandType() string { return "mailbox.set_letter.v1" }

// maxSignature bounds a sealed signature, in bytes.
const maxSignature = 16 << 10

// Decide has nothing to do when it is as it was.
func (c SetMailboxLetter) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case len(c.Signature.C) > maxSignature:
		return nil, errInvalid("signature", "is too long")
	case is.HasLetter(events.MailboxLetterSet(c)):
		return nil, nil
	}
	return oneEvent(events.MailboxLetterSet(c))
}
