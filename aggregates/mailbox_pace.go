package aggregates

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"
)

// wakeMailbox sees to it that a mailbox is looked at by then.
func (o *Organization) wakeMailbox(m *Mailbox, at int64) {
	if m.Sending() {
		o.timers.sooner(&m.wake, at)
	}
}

// unschedule takes the slots of a campaign's messages back; nil = of all campaigns'.
func (m *Mailbox) unschedule(c *Campaign) {
	for _, msg := range m.open {
		if msg.state == messageScheduled && (c == nil || msg.e.campaign == c) {
			msg.state = messageReady
			m.flying--
		}
	}
}

// attempted counts a send against the caps, and begins the gap behind it.
func (m *Mailbox) attempted(msg *Message, at int64) {
	i := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
	m.sends = slices.Insert(m.sends, i, at)
	old := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > m.sends[len(m.sends)-1]-26*hour })
	m.sends = m.sends[old:]
	m.free = max(m.free, at+m.gap()+m.jitter(msg.ID))
}

// gap is the least time between two messages; 0 = none has to be kept.
func (m *Mailbox) gap() int64 {
	return int64(m.Pace.GapSeconds) * second
}

// jitter is drawn from the message that the gap follows, so that a replay draws the same.
func (m *Mailbox) jitter(id uuid.UUID) int64 {
	span := int64(m.Pace.JitterTo-m.Pace.JitterFrom)*1000 + 1
	sum := sha256.Sum256(append(m.ID[:len(m.ID):len(m.ID)], id[:]...))
	drawn := int64(binary.BigEndian.Uint64(sum[:8])>>1) % max(span, 1)
	return int64(m.Pace.JitterFrom)*second + drawn*1000
}

// since counts the sends behind a time.
func (m *Mailbox) since(at int64) int {
	return len(m.sends) - sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
}

// CapAt gives the cap of the local day that holds a time.
func (o *Organization) CapAt(m *Mailbox, at time.Time) int {
	if !m.Warming || m.Pace.WarmupStart == 0 {
		return m.Pace.CapPerDay
	}
	loc := o.mailboxZone(m)
	days := dayNumber(at.In(loc)) - dayNumber(instant(m.warmupFrom).In(loc))
	return min(m.Pace.CapPerDay, m.Pace.WarmupStart+m.Pace.WarmupPerDay*max(days, 0))
}

func (o *Organization) mailboxZone(m *Mailbox) *time.Location { return o.zones.first(m.zone, o.zone) }
