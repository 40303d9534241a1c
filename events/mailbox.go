package events

import "github.com/google/uuid"

// Transports of a mailbox.
const (
	TransportSMTP     = "smtp"
	TransportSendGrid = "sendgrid"
)

// MailboxAdded takes one of the plan's mailbox places.
type MailboxAdded struct {
	MailboxID   uuid.UUID `json:"mailbox_id"`
	Transport   string    `json:"transport"`
	Address     Sealed    `json:"address"`
	AddressHash string    `json:"address_hash"`
	DomainHash  string    `json:"domain_hash"`
}

func (MailboxAdded) EventType() string     { return "mailbox.added.v1" }
func (e MailboxAdded) AggregateID() string { return e.MailboxID.String() }

// MailboxRemoved gives the place back.
type MailboxRemoved struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (MailboxRemoved) EventType() string     { return "mailbox.removed.v1" }
func (e MailboxRemoved) AggregateID() string { return e.MailboxID.String() }
