package aggregates

import (
	"outrider/events"
)

// paceStopped looks after a mailbox that doesn't send: its people are handed over when that lasts, and one that a rule has paused goes on, with
// half of its cap, once that rule would let it.
func (p *pacer) paceStopped(m *Mailbox) {
	if m.Paused == "" || m.removed {
		p.waitUntil(m, RuleMailbox, never)
		return
	}
	until, why := never, RuleMailbox
	if at, ok := p.o.requalifiesAt(m, p.now); ok {
		if at <= p.now {
			p.left--
			ref := events.MailboxRef{MailboxID: m.ID}
			w := m.warmup.plan
			limit := max(m.capRecorded()/2, min(w.Start, m.Pace.CapPerDay))
			p.addEvent(events.MailboxResumed{MailboxRef: ref})
			p.addEvent(events.MailboxWarmupSet{MailboxRef: ref, Warmup: w, Cap: limit, Stage: StageOf(w, limit)})
			p.waitUntil(m, RuleMore, p.now+goOn)
			return
		}
		until, why = at, RuleRequalify
	}
	days := int64(p.o.pacing.shared.set.HandOverDays)
	switch {
	case days == 0 || !p.o.hasFollowUps(m):
	case m.handOver == 0 || m.handOver > p.now:
		at := m.handOver
		if at == 0 {
			at = p.now + days*24*hour
		}
		if at < until {
			until, why = at, RuleHandOver
		}
	default:
		p.handOver(m)
		if p.left <= 0 {
			until, why = p.now+goOn, RuleMore
		} else if p.now+24*hour < until { // some may be on campaigns that had no other mailbox
			until, why = p.now+24*hour, RuleHandOver
		}
	}
	p.waitUntil(m, why, until)
}

// hasFollowUps reports whether somebody waits for this very mailbox.
func (o *Organization) hasFollowUps(m *Mailbox) bool {
	for _, l := range m.lines {
		if l.count > 0 {
			return true
		}
	}
	for _, msg := range m.open {
		if !msg.mayHaveLeft() {
			return true
		}
	}
	return false
}

// handOver lets other mailboxes write to the people of one that is stopped, on campaigns that have another.
func (p *pacer) handOver(m *Mailbox) {
	other := func(c *Campaign) bool {
		for _, x := range c.mailboxes {
			if x != m && x.Sending() {
				return true
			}
		}
		return false
	}
	for _, msg := range m.open {
		if p.left <= 0 {
			return
		}
		if !msg.mayHaveLeft() && other(msg.e.campaign) {
			p.left--
			p.addEvent(events.MessageCancelled{MessageRef: msg.Ref(), Reason: events.CancelledMailboxStopped})
		}
	}
	for _, l := range m.lines {
		if !other(l.campaign) {
			continue
		}
		for e := range l.all() {
			if p.left <= 0 {
				return
			}
			p.left--
			p.addEvent(events.EnrollmentHandedOver{EnrollmentRef: e.Ref(), FromID: m.ID})
		}
	}
}

// handOver puts somebody back into the line of their campaign.
func (o *Organization) handOver(e *Enrollment) {
	queued := e.hasFlag(enrollmentQueued)
	o.takeOutOfLine(e)
	e.mailbox = nil
	if queued {
		o.placeInLine(e)
	}
}

// looksAfter reports whether the clock has something to do for a mailbox that is stopped.
func (o *Organization) looksAfter(m *Mailbox) bool {
	if o.pacing.shared.set.HandOverDays > 0 {
		return true
	}
	_, ok := o.requalifiesAt(m, 0)
	return ok
}
