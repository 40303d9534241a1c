package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// beginWarmup returns what verifying a mailbox brings: a warm-up if its pace asks for one, continued if it had begun before.
func beginWarmup(m *aggregates.Mailbox, now time.Time) events.MailboxVerified {
	v := events.MailboxVerified{MailboxRef: events.MailboxRef{MailboxID: m.ID}, Status: events.MailboxActive, WarmupFrom: m.WarmupFrom()}
	if v.WarmupFrom.IsZero() {
		v.WarmupFrom = now
	}
	if m.Pace.WarmupStart > 0 && m.Pace.WarmupStart < m.Pace.CapPerDay {
		v.Status = events.MailboxWarming
	}
	return v
}
