package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// AddMailbox takes one of the plan's mailbox places.
type AddMailbox struct {
	events.MailboxRef
	Transport   string        `json:"transport"`
	Address     events.Sealed `json:"address"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
}

func (AddMailbox) CommandType() string { return "mailbox.add.v1" }

// Decide knows a mailbox by its address.
func (c AddMailbox) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	address, ok := aggregates.ParseHash(c.AddressHash)
	switch {
	case c.MailboxID == uuid.Nil:
		return nil, errInvalid("mailbox_id", "is missing")
	case !ok:
		return nil, errInvalid("address_hash", reasonHash)
	case !validHash(c.DomainHash):
		return nil, errInvalid("domain_hash", reasonHash)
	case c.Transport != events.TransportSMTP && c.Transport != events.TransportSendGrid:
		return nil, errInvalid("transport", "must be smtp or sendgrid")
	case c.Address.IsZero():
		return nil, errInvalid("address", "is missing")
	}
	if is, ok := o.Mailboxes.Address(c.MailboxID); ok {
		if is == address {
			return nil, nil
		}
		return nil, errAlreadyExists(c.MailboxID)
	}
	if other, ok := o.Mailboxes.ByAddress(address); ok {
		return nil, errAlreadyExists(other)
	}
	quota := quotaUse{limit: events.LimitMailboxes, used: o.Mailboxes.Len(), max: o.Limits.Mailboxes}
	if !quota.takePlace() {
		return quota.refuseCommand(now, o)
	}
	return oneEvent(events.MailboxAdded(c))
}

// RemoveMailbox gives the place back.
type RemoveMailbox struct {
	events.MailboxRef
}

func (RemoveMailbox) CommandType() string { return "mailbox.remove.v1" }

// Decide forgets a removed mailbox, so asking twice finds none. Its messages that nobody has claimed are asked for anew,
// from another mailbox.
func (c RemoveMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	var out []events.Event
	for _, id := range is.Open() {
		out = append(out, events.MessageCancelled{MessageRef: o.Messages[id].Ref(), Reason: events.CancelledMailboxRemoved})
	}
	return append(out, events.MailboxRemoved(c)), nil
}

// PauseMailbox suspends it by hand.
type PauseMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (PauseMailbox) CommandType() string { return "mailbox.pause.v1" }

// Decide has nothing to do for one that is paused, whatever for.
func (c PauseMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused != "":
		return nil, nil
	}
	return oneEvent(events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Reason: events.PausedManual})
}

// ResumeMailbox lets it go on.
type ResumeMailbox struct {
	events.MailboxRef
}

func (ResumeMailbox) CommandType() string { return "mailbox.resume.v1" }

// Decide has nothing to do for one that isn't paused.
func (c ResumeMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused == "":
		return nil, nil
	}
	return oneEvent(events.MailboxResumed(c))
}

// RecordMailboxRead says how far a folder has been read; only worth sending when that has changed.
type RecordMailboxRead struct {
	events.MailboxRef
	Folder      string    `json:"folder"`
	UIDValidity int64     `json:"uid_validity"`
	UID         int64     `json:"uid"`
	ReadAt      time.Time `json:"read_at"`
}

func (RecordMailboxRead) CommandType() string { return "mailbox.record_read.v1" }

// Decide has nothing to do where a folder has been read as far already.
func (c RecordMailboxRead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if err := checkText("folder", c.Folder, 1, 200); err != nil {
		return nil, err
	}
	if validity, uid := is.ReadTo(c.Folder); validity == c.UIDValidity && uid >= c.UID {
		return nil, nil
	}
	return oneEvent(events.MailboxRead(c))
}
