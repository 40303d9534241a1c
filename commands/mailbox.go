package commands

import (
	"github.com/google/uuid"

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

// RemoveMailbox gives the place back.
type RemoveMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (RemoveMailbox) CommandType() string { return "mailbox.remove.v1" }
