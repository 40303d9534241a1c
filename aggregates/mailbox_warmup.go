package aggregates

import (
	"time"

	"outrider/events"
)

// CapAt returns the cap of the local day in which a time lies.
func (o *Organization) CapAt(m *Mailbox, at time.Time) int {
	if !m.Warming || m.Pace.WarmupStart == 0 {
		return m.Pace.CapPerDay
	}
	loc := o.mailboxZone(m)
	days := dayNumber(at.In(loc)) - dayNumber(toTime(m.warmupFrom).In(loc))
	return min(m.Pace.CapPerDay, m.Pace.WarmupStart+m.Pace.WarmupPerDay*max(days, 0))
}

// WarmupFrom returns when its warm-up began; zero = not yet.
func (m *Mailbox) WarmupFrom() time.Time { return toTime(m.warmupFrom) }

// endWarmup records the end of a warm-up once the day's cap has reached the full one.
func (p *pacer) endWarmup(m *Mailbox) {
	if m.Warming && p.o.CapAt(m, p.time) >= m.Pace.CapPerDay {
		p.addEvent(events.MailboxWarmedUp{MailboxRef: events.MailboxRef{MailboxID: m.ID}})
	}
}
