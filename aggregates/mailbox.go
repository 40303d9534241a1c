package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Mailboxes of an organisation: each takes a place of the plan's.
type Mailboxes struct {
	byID      map[uuid.UUID]Hash
	byAddress map[Hash]uuid.UUID
}

// Address gives the address of a mailbox.
func (m *Mailboxes) Address(id uuid.UUID) (Hash, bool) {
	h, ok := m.byID[id]
	return h, ok
}

// ByAddress gives the mailbox with an address.
func (m *Mailboxes) ByAddress(h Hash) (uuid.UUID, bool) {
	id, ok := m.byAddress[h]
	return id, ok
}

// Len is the number of mailboxes.
func (m *Mailboxes) Len() int64 { return int64(len(m.byID)) }

func (m *Mailboxes) add(e events.MailboxAdded) {
	if m.byID == nil {
		*m = Mailboxes{map[uuid.UUID]Hash{}, map[Hash]uuid.UUID{}}
	}
	m.byID[e.MailboxID] = hash(e.AddressHash)
	m.byAddress[hash(e.AddressHash)] = e.MailboxID
}

func (m *Mailboxes) remove(e events.MailboxRemoved) {
	delete(m.byAddress, m.byID[e.MailboxID])
	delete(m.byID, e.MailboxID)
}
