package aggregates

import (
	"slices"
	"time"
)

// countSend counts an attempt that reached the receiver.
func (m *Message) countSend(at time.Time) {
	m.mailbox.countAttempt(m.ID, toMicros(at))
	m.mailbox.Rate.dayAt(at).sent++
	m.e.campaign.Rate.dayAt(at).sent++
}

func (o *Organization) recordSent(m *Message, at time.Time) {
	if m.state == messageInDoubt { // counted by its lease already
		m.mailbox.Rate.dayAt(at).sent++
		m.e.campaign.Rate.dayAt(at).sent++
	} else {
		m.countSend(at)
		o.meterAttempt(m, toMicros(at))
	}
	o.pacing.companies.recordSend(m.e.lead, toMicros(at))
	o.recordPerson(m.e, toMicros(at))
	o.expose(m, at)
	x := m.e
	o.forgetMessage(m)
	x.step, x.previous, x.attempt = x.step+1, x.attempt+1, x.base
	if x.due = o.drawnDueAfter(x, at); int(x.step) < len(x.planSteps()) && !x.hasFlag(enrollmentEnded) {
		o.placeInLine(x)
	}
	o.correctReceived(x)
	o.wakeMailbox(m.mailbox, m.mailbox.free)
}

// zoneOf returns the time zone of an enrollment.
func (o *Organization) zoneOf(e *Enrollment) *time.Location {
	return o.zones.firstLocation(e.lead.Zone, e.campaign.zone, o.zones.home)
}

// takeSlotBack takes a slot back.
func (o *Organization) takeSlotBack(m *Message) {
	if m.state == messageScheduled {
		m.state = messageReady
		m.mailbox.inFlight--
	}
	o.wakeMailbox(m.mailbox, soon)
}

// endFlight notes that a message is no longer being sent.
func (o *Organization) endFlight(m *Message) {
	if m.state == messageScheduled || m.state == messageClaimed {
		m.mailbox.inFlight--
	}
	if m.state == messageClaimed {
		m.mailbox.claimed--
		o.pacing.shared.countClaim(m, -1)
		o.pacing.leases = without(o.pacing.leases, m)
	}
}

// forgetMessage forgets a message.
func (o *Organization) forgetMessage(m *Message) {
	o.endFlight(m)
	if m.e.step == 0 {
		o.pacing.shared.changeFresh(m.e.campaign, func(f *freshPeople) { f.open-- })
	}
	delete(o.Messages, m.ID)
	delete(o.Recipients.away, m.ID)
	delete(o.Known.judged, m.ID)
	m.mailbox.open = without(m.mailbox.open, m)
	m.e.message = nil
	o.wakeMailbox(m.mailbox, max(m.mailbox.free, soon))
}

// without takes one out of some; mostly it is the first. Nothing is left as nil.
func without[T any](all []*T, x *T) []*T {
	i := slices.Index(all, x)
	switch {
	case i < 0:
		return all
	case len(all) == 1:
		return nil
	case i == 0:
		all[0] = nil
		return all[1:]
	}
	return slices.Delete(all, i, i+1)
}
