package aggregates

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// wakeMailbox makes a mailbox due by then.
func (o *Organization) wakeMailbox(m *Mailbox, at int64) {
	if m.Sending() {
		o.pacing.timers.setSooner(&m.wake, at)
	}
}

// takeSlotsBack takes back the slots of a campaign's messages; nil = of all messages.
func (m *Mailbox) takeSlotsBack(c *Campaign) {
	for _, msg := range m.open {
		if m.inFlight == 0 {
			return
		}
		if msg.state == messageScheduled && (c == nil || msg.e.campaign == c) {
			msg.state = messageReady
			m.inFlight--
		}
	}
}

// countAttempt counts a send, of a message or a response, against the caps, and begins the gap after it.
func (m *Mailbox) countAttempt(msg uuid.UUID, at int64) {
	i := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
	m.sends = slices.Insert(m.sends, i, at)
	old := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > m.sends[len(m.sends)-1]-26*hour })
	m.sends = m.sends[old:]
	if m.warmup != nil {
		m.warmup.used++
	}
	m.beginGap(msg, at)
}

// beginGap begins the gap after an attempt to send.
func (m *Mailbox) beginGap(msg uuid.UUID, at int64) {
	if at >= m.gapFrom {
		m.gapFrom, m.gapAfter = at, msg
	}
	m.free = max(m.free, at+m.gapLength()+m.drawJitter(msg))
}

// setPace changes the pace, which also changes the gap that is running.
func (m *Mailbox) setPace(p events.MailboxPace) {
	m.Pace = p
	if m.gapFrom > 0 {
		m.free = m.gapFrom + m.gapLength() + m.drawJitter(m.gapAfter)
	}
}

// gapLength returns the least time between two messages; 0 = none.
func (m *Mailbox) gapLength() int64 {
	return int64(m.Pace.GapSeconds) * second
}

// drawJitter draws from the id of the message before the gap, so that a replay draws the same.
func (m *Mailbox) drawJitter(id uuid.UUID) int64 {
	span := int64(m.Pace.JitterTo-m.Pace.JitterFrom)*1000 + 1
	sum := sha256.Sum256(append(m.ID[:len(m.ID):len(m.ID)], id[:]...))
	drawn := int64(binary.BigEndian.Uint64(sum[:8])>>1) % max(span, 1)
	return int64(m.Pace.JitterFrom)*second + drawn*1000
}

// sentSince counts the sends after a time.
func (m *Mailbox) sentSince(at int64) int {
	return len(m.sends) - sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
}

func (o *Organization) mailboxZone(m *Mailbox) *time.Location {
	return o.zones.firstLocation(m.zone, o.zones.home)
}

// Hours returns when it sends, in its own zone; none = at any time.
func (m *Mailbox) Hours() []events.Window { return m.hours }
