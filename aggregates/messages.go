package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) applyMessage(event events.Event) {
	switch e := event.(type) {
	case events.MessageRequested:
		o.requested(e)
	case events.MessageDrafted:
		o.onMessage(e.MessageID, func(m *Message) { m.state, m.drafts = messageDrafted, uint8(min(e.Number, 255)) })
	case events.MessageHeld:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state = messageHeld
			o.wakeMailbox(m.mailbox, soon)
		})
	case events.MessageRedraftRequested:
		o.onMessage(e.MessageID, func(m *Message) { m.state = messageRequested })
	case events.MessageApproved:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state = messageReady
			o.wakeMailbox(m.mailbox, max(m.mailbox.free, m.earliest, soon))
		})
	case events.MessageScheduled:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state = messageScheduled
			m.mailbox.flying++
		})
	case events.MessagePostponed:
		o.onMessage(e.MessageID, func(m *Message) {
			m.earliest = max(m.earliest, micros(e.Until))
			o.unslot(m)
		})
	case events.MessageClaimed:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state, m.claimed, m.lease = messageClaimed, micros(e.ClaimedAt), micros(e.LeaseUntil)
			m.mailbox.claimed++
			o.leases = append(o.leases, m)
			o.companies.wrote(m.e.lead, m.claimed) // it may arrive from here on
		})
	case events.MessageSent:
		o.onMessage(e.MessageID, func(m *Message) { o.sent(m, e.AcceptedAt) })
	case events.MessageDeferred:
		o.onMessage(e.MessageID, func(m *Message) {
			o.landed(m)
			m.state, m.earliest, m.tries = messageReady, micros(e.RetryAt), m.tries+1
			m.mailbox.free = max(m.mailbox.free, micros(e.DeferredAt)+m.mailbox.gap()+m.mailbox.jitter(m.ID))
			o.wakeMailbox(m.mailbox, m.mailbox.free)
		})
	case events.MessageFailed:
		o.onMessage(e.MessageID, func(m *Message) {
			m.count(e.FailedAt)
			o.drop(m)
		})
	case events.MessageInDoubt:
		o.onMessage(e.MessageID, func(m *Message) {
			m.mailbox.attempted(m, m.lease)
			o.companies.wrote(m.e.lead, m.lease)
			o.landed(m)
			m.state = messageInDoubt
			o.wakeMailbox(m.mailbox, m.mailbox.free)
		})
	case events.MessageResolved:
		if m := o.Messages[e.MessageID]; m != nil && !e.Sent {
			o.drop(m)
			m.e.attempt++
			o.place(m.e)
		}
	case events.MessageCancelled:
		o.onMessage(e.MessageID, func(m *Message) {
			o.drop(m)
			if e.Reason == events.CancelledMailboxRemoved {
				m.e.mailbox = nil
				m.e.attempt++
				o.place(m.e)
			}
		})
	}
}

func (o *Organization) onMessage(id uuid.UUID, do func(*Message)) {
	if m := o.Messages[id]; m != nil {
		do(m)
	}
}

func (o *Organization) requested(e events.MessageRequested) {
	c, box := o.Campaigns[e.CampaignID], o.Mailboxes.byID[e.MailboxID]
	if c == nil || box == nil || c.enrolled[e.LeadID] == nil {
		return
	}
	x := c.enrolled[e.LeadID]
	o.unplace(x)
	m := &Message{ID: e.MessageID, e: x, mailbox: box, earliest: micros(e.Earliest), person: e.Approval}
	for i, v := range x.steps()[x.step].variants {
		if v.id == e.VariantID {
			m.variant = uint8(i)
		}
	}
	x.message, x.mailbox = m, box
	if o.Messages == nil {
		o.Messages = map[uuid.UUID]*Message{}
	}
	o.Messages[m.ID] = m
	box.open = append(box.open, m)
	o.enter(x)
}

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
	o.companies.wrote(m.e.lead, micros(at))
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
	return o.zones.first(e.lead.Zone, e.campaign.zone, o.zone)
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
		o.leases = slices.DeleteFunc(o.leases, func(x *Message) bool { return x == m })
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
