package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// AddMailbox takes one of the plan's mailbox places.
type AddMailbox struct {
	MailboxID   uuid.UUID     `json:"mailbox_id"`
	Transport   string        `json:"transport"`
	Address     events.Sealed `json:"address"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
}

func (AddMailbox) CommandType() string { return "mailbox.add.v1" }

// Decide knows a mailbox by its address.
func (c AddMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
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
	if !quota.take() {
		return quota.refuse(o)
	}
	return one(events.MailboxAdded(c))
}

// RemoveMailbox gives the place back.
type RemoveMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (RemoveMailbox) CommandType() string { return "mailbox.remove.v1" }

// Decide forgets a removed mailbox, so asking twice finds none.
func (c RemoveMailbox) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Mailboxes.Address(c.MailboxID); !ok {
		return nil, errNotFound(c.MailboxID)
	}
	return one(events.MailboxRemoved(c))
}

// ConnectMailbox says how a mailbox is reached, the first time and each time that changes. It must be verified then.
type ConnectMailbox struct {
	MailboxID   uuid.UUID           `json:"mailbox_id"`
	Transport   string              `json:"transport"`
	Address     events.Sealed       `json:"address"`
	AddressHash string              `json:"address_hash"`
	DomainHash  string              `json:"domain_hash"`
	DisplayName events.Sealed       `json:"display_name,omitzero"`
	SMTP        events.Server       `json:"smtp,omitzero"`
	IMAP        events.Server       `json:"imap,omitzero"`
	APIKey      string              `json:"api_key,omitzero"`
	Pace        *events.MailboxPace `json:"pace,omitzero"` // nil = DefaultPace the first time, unchanged later
}

func (ConnectMailbox) CommandType() string { return "mailbox.connect.v1" }

// SetMailboxPace replaces the pace.
type SetMailboxPace struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
	events.MailboxPace
}

func (SetMailboxPace) CommandType() string { return "mailbox.set_pace.v1" }

// RecordMailboxChecks brings results of verifying, each by itself. When all that the transport needs have passed, the
// mailbox may send.
type RecordMailboxChecks struct {
	MailboxID uuid.UUID      `json:"mailbox_id"`
	Checks    []MailboxCheck `json:"checks"`
	CheckedAt time.Time      `json:"checked_at"`
}

// MailboxCheck is one result.
type MailboxCheck struct {
	Check   string `json:"check"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail,omitzero"`
}

func (RecordMailboxChecks) CommandType() string { return "mailbox.record_checks.v1" }

// PauseMailbox suspends it by hand.
type PauseMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (PauseMailbox) CommandType() string { return "mailbox.pause.v1" }

// ResumeMailbox lets it go on.
type ResumeMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (ResumeMailbox) CommandType() string { return "mailbox.resume.v1" }

// RecordMailboxRead says how far a folder has been read; only worth sending when that has changed.
type RecordMailboxRead struct {
	MailboxID   uuid.UUID `json:"mailbox_id"`
	Folder      string    `json:"folder"`
	UIDValidity int64     `json:"uid_validity"`
	UID         int64     `json:"uid"`
	ReadAt      time.Time `json:"read_at"`
}

func (RecordMailboxRead) CommandType() string { return "mailbox.record_read.v1" }
