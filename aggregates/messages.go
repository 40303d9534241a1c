package aggregates

import (
	"strings"

	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) applyMessage(event events.MessageEvent) {
	switch e := event.(type) {
	case events.MessageRequested:
		o.requestMessage(e)
	case events.MessageDrafted:
		o.Known.draft(e.MessageID)
		o.onMessage(e.MessageID, func(m *Message) {
			m.state, m.drafts, m.edited = messageDrafted, uint8(min(e.Number, 255)), e.Writer == events.WriterPerson
		})
	case events.MessageHeld:
		o.onMessage(e.MessageID, func(m *Message) {
			o.endFlight(m)
			m.state = messageHeld
			o.wakeMailbox(m.mailbox, soon)
		})
	case events.MessageRejected: // it ends, or is requested, by what follows
	case events.MessageRedraftRequested:
		o.onMessage(e.MessageID, func(m *Message) { m.state = messageRequested })
	case events.MessageApprovalLapsed:
		o.onMessage(e.MessageID, func(m *Message) {
			o.Known.lapse(e.MessageID)
			m.state = messageDrafted
		})
	case events.MessageApproved:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state = messageReady
			o.wakeMailbox(m.mailbox, max(m.mailbox.free, m.earliest, soon))
		})
	case events.MessageScheduled:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state = messageScheduled
			m.mailbox.inFlight++
		})
	case events.MessagePostponed:
		o.onMessage(e.MessageID, func(m *Message) {
			m.earliest = max(m.earliest, toMicros(e.Until))
			o.takeSlotBack(m)
		})
	case events.MessageClaimed:
		o.onMessage(e.MessageID, func(m *Message) {
			m.state, m.claimed, m.lease = messageClaimed, toMicros(e.ClaimedAt), toMicros(e.LeaseUntil)
			m.mailbox.claimed++
			o.pacing.shared.countClaim(m, 1)
			o.pacing.leases = append(o.pacing.leases, m)
			o.pacing.companies.recordSend(m.e.lead, m.claimed) // it may arrive from here on
			o.recordPerson(m.e, m.claimed)
		})
	case events.MessageSent:
		o.onMessage(e.MessageID, func(m *Message) { o.recordSent(m, e.AcceptedAt) })
	case events.MessageDeferred:
		o.onMessage(e.MessageID, func(m *Message) {
			o.endFlight(m)
			m.state, m.earliest, m.tries = messageReady, toMicros(e.RetryAt), m.tries+1
			m.mailbox.beginGap(m.ID, toMicros(e.DeferredAt))
			if strings.HasPrefix(e.Enhanced, "4.7.") {
				m.mailbox.Rate.dayAt(e.DeferredAt).deferred++
			}
			o.wakeMailbox(m.mailbox, m.mailbox.free)
		})
	case events.MessageFailed:
		o.onMessage(e.MessageID, func(m *Message) {
			m.countSend(e.FailedAt)
			o.meterAttempt(m, toMicros(e.FailedAt))
			o.forgetMessage(m)
			o.correctReceived(m.e)
		})
	case events.MessageInDoubt:
		o.onMessage(e.MessageID, func(m *Message) {
			m.mailbox.countAttempt(m.ID, m.lease)
			o.meterAttempt(m, m.lease)
			o.pacing.companies.recordSend(m.e.lead, m.lease)
			o.recordPerson(m.e, m.lease)
			o.endFlight(m)
			m.state = messageInDoubt
			o.wakeMailbox(m.mailbox, m.mailbox.free)
		})
	case events.MessageResolved:
		if m := o.Messages[e.MessageID]; m != nil && !e.Sent {
			o.forgetMessage(m)
			m.e.attempt++
			o.placeInLine(m.e)
			o.correctReceived(m.e)
		}
	case events.MessageCancelled:
		o.onMessage(e.MessageID, func(m *Message) {
			o.forgetMessage(m)
			if e.Reason == events.CancelledMailboxRemoved || e.Reason == events.CancelledMailboxStopped {
				m.e.mailbox = nil
				m.e.attempt++
				o.placeInLine(m.e)
			}
		})
	}
}

func (o *Organization) onMessage(id uuid.UUID, do func(*Message)) {
	if m := o.Messages[id]; m != nil {
		do(m)
	}
}

func (o *Organization) requestMessage(e events.MessageRequested) {
	c, box := o.Campaigns[e.CampaignID], o.Mailboxes.byID[e.MailboxID]
	if c == nil || box == nil {
		return
	}
	x := c.Enrollment(o.Leads.byID[e.LeadID])
	if x == nil {
		return
	}
	o.takeOutOfLine(x)
	m := &Message{ID: e.MessageID, e: x, mailbox: box, earliest: toMicros(e.Earliest), person: e.Approval}
	for i, v := range x.planSteps()[x.step].variants {
		if v.id == e.VariantID {
			m.variant = uint8(i)
		}
	}
	o.Experiments.putInArm(m, e)
	x.message, x.mailbox, x.attempts = m, box, max(x.attempts, x.attempt+1)
	if o.Messages == nil {
		o.Messages = Messages{}
	}
	o.Messages[m.ID] = m
	box.open = append(box.open, m)
	if x.step == 0 {
		o.pacing.shared.changeFresh(c, func(f *freshPeople) { f.open++ })
	}
	o.enterCompany(x)
}
