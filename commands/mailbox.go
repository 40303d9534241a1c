package commands

import (
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
