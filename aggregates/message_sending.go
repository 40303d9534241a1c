package aggregates

import (
	"slices"
	"time"
)

// countSend takes a try that reached the receiver into account.
func (m *Message) countSend(at time.Time) {
	m.mailbox.countAttempt(m, toMicros(at))
	m.mailbox.Rate.dayAt(at).sent++
	m.e.campaign.Rate.dayAt(at).sent++
}

func (o *Organization) recordSent(m *Message, at time.Time) {
	if m.state == messageInDoubt { // counted by its lease already
		m.mailbox.Rate.dayAt(at).sent++
		m.e.campaign.Rate.dayAt(at).sent++
	} else {
		m.countSend(at)
	}
	o.pacing.companies.recordSend(m.e.lead, toMicros(at))
	x := m.e
	o.forgetMessage(m)
	x.step, x.previous, x.attempt = x.step+1, x.attempt+1, 0
	if steps := x.planSteps(); int(x.step) < len(steps) && !x.hasFlag(enrollmentEnded) {
		x.due = toMicros(x.campaign.window.After(at, o.zoneOf(x), steps[x.step].delay))
		o.placeInLine(x)
	}
	o.wakeMailbox(m.mailbox, m.mailbox.free)
}

// zoneOf returns the clock that an enrollment lives by.
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

// endFlight ends the flight of a message.
func (o *Organization) endFlight(m *Message) {
	if m.state == messageScheduled || m.state == messageClaimed {
		m.mailbox.inFlight--
	}
	if m.state == messageClaimed {
		m.mailbox.claimed--
		o.pacing.leases = slices.DeleteFunc(o.pacing.leases, func(x *Message) bool { return x == m })
	}
}

// forgetMessage forgets a message.
func (o *Organization) forgetMessage(m *Message) {
	o.endFlight(m)
	delete(o.Messages, m.ID)
	if i := slices.Index(m.mailbox.open, m); i == 0 {
		m.mailbox.open = m.mailbox.open[1:]
	} else if i > 0 {
		m.mailbox.open = slices.Delete(m.mailbox.open, i, i+1)
	}
	if len(m.mailbox.open) == 0 {
		m.mailbox.open = nil
	}
	m.e.message = nil
	o.wakeMailbox(m.mailbox, max(m.mailbox.free, soon))
}
