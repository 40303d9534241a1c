package aggregates

import (
	"crypto/sha256"

	"github.com/google/uuid"

	"outrider/events"
)

// Mailbox is what sending and its limits need of one.
type Mailbox struct {
	ID        uuid.UUID
	Address   Hash
	Domain    Hash
	Transport string
	Connected bool
	Verified  bool
	Warming   bool
	Paused    string // why; empty = not
	Health    int    // 0 to 100
	Pace      events.MailboxPace
	Rate      Rate

	settings   [sha256.Size]byte // of mailbox.connected
	checks     map[string]string // outcome by check
	recheck    map[string]bool   // those whose outcome is asked for anew
	zone       uint16
	warmupFrom int64
	folders    map[string]folder
	sends      []int64        // of the last 26 h, oldest first
	free       int64          // end of the gap behind the last one
	inFlight   int            // messages that are scheduled or claimed
	claimed    int            // of those
	open       []*Message     // oldest first
	lines      []*waitingLine // people who wait for their next step
	campaigns  []*Campaign
	wantsLeads bool // it had room, but nobody to write to
	removed    bool
	wake       timer
}

type folder struct{ validity, uid int64 }

// Status as the outside knows it.
func (m *Mailbox) Status() string {
	switch {
	case m.Paused != "":
		return events.MailboxSuspended
	case !m.Verified:
		return events.MailboxPending
	case m.Warming:
		return events.MailboxWarming
	}
	return events.MailboxActive
}

// Sending reports whether it may send at all.
func (m *Mailbox) Sending() bool { return m.Verified && m.Paused == "" && !m.removed }

// ConnectedAs reports whether it was connected by this very event.
func (m *Mailbox) ConnectedAs(e events.MailboxConnected) bool {
	return m.Connected && m.settings == digestOf(e)
}

// Check returns the outcome of a check since it was connected last, empty = not known.
func (m *Mailbox) Check(name string) string { return m.checks[name] }

// Rechecks reports whether the outcome of a check is asked for anew.
func (m *Mailbox) Rechecks(name string) bool { return m.recheck[name] }

// ReadTo returns how far a folder has been read.
func (m *Mailbox) ReadTo(name string) (validity, uid int64) {
	f := m.folders[name]
	return f.validity, f.uid
}

// Open returns the ids of its messages that nobody has claimed.
func (m *Mailbox) Open() (out []uuid.UUID) {
	for _, msg := range m.open {
		if !msg.mayHaveLeft() {
			out = append(out, msg.ID)
		}
	}
	return out
}
