package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// beginWarmup verifies a mailbox: it warms up where its pace says so, and goes on with a warm-up that had begun before.
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
