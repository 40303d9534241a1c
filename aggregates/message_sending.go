package aggregates

import (
	"slices"
	"time"
)

// count takes a try that reached the receiver into account.
func (m *Message) count(at time.Time) {
	m.mailbox.attempted(m, micros(at))
	m.mailbox.Rate.day(at).sent++
	m.e.campaign.Rate.day(at).sent++
}

func (o *Organization) sent(m *Message, at time.Time) {
	if m.state == messageInDoubt { // counted by its lease already
		m.mailbox.Rate.day(at).sent++
		m.e.campaign.Rate.day(at).sent++
	} else {
		m.count(at)
	}
	o.pacing.companies.wrote(m.e.lead, micros(at))
	x := m.e
	o.drop(m)
	x.step, x.previous, x.attempt = x.step+1, x.attempt+1, 0
	if steps := x.steps(); int(x.step) < len(steps) && !x.is(enrollmentEnded) {
		x.due = micros(x.campaign.window.After(at, o.zoneOf(x), steps[x.step].delay))
		o.place(x)
	}
	o.wakeMailbox(m.mailbox, m.mailbox.free)
}

// zoneOf gives the clock that an enrollment lives by.
func (o *Organization) zoneOf(e *Enrollment) *time.Location {
	return o.zones.first(e.lead.Zone, e.campaign.zone, o.zones.home)
}

// unslot takes a slot back.
func (o *Organization) unslot(m *Message) {
	if m.state == messageScheduled {
		m.state = messageReady
		m.mailbox.flying--
	}
	o.wakeMailbox(m.mailbox, soon)
}

// landed ends the flight of a message.
func (o *Organization) landed(m *Message) {
	if m.state == messageScheduled || m.state == messageClaimed {
		m.mailbox.flying--
	}
	if m.state == messageClaimed {
		m.mailbox.claimed--
		o.pacing.leases = slices.DeleteFunc(o.pacing.leases, func(x *Message) bool { return x == m })
	}
}

// drop forgets a message.
func (o *Organization) drop(m *Message) {
	o.landed(m)
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
