package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Recipients are the addresses that were ever written to, with what each campaign sent them and how that ended. This
// belongs to the address, not to the lead who has it: a lead that is removed and created again has still been sent it. What a
// lead is being sent now is in its enrollment, and is moved here when that ends. There are many, so keep them small.
type Recipients struct {
	was     map[recipientKey]Received
	reasons []string           // of ends, each once
	away    map[uuid.UUID]Hash // addresses of messages that may have left, for leads that have another address by now
	bounced map[Hash]struct{}  // suppressed because mail to them bounced, and not because the person asked
}

type recipientKey struct {
	address  Hash
	campaign uint32 // its serial number
}

// Received is what an address was sent by a campaign that it is no longer on.
type Received struct {
	Last     uuid.UUID // the message that left last; zero = none did
	due      uint32    // seconds; when the next step may leave
	Step     uint8     // steps sent
	Attempts uint8     // highest attempt of any step: no message may get one of these ids again
	end      uint8     // why it ended: index into Recipients.reasons
}

// endCompleted is the end of a sequence that was sent whole; all others are reasons of stops.
const endCompleted = "completed"

func (r *Recipients) reasonRef(reason string) uint8 {
	for i, s := range r.reasons {
		if s == reason {
			return uint8(i)
		}
	}
	r.reasons = append(r.reasons, reason)
	return uint8(len(r.reasons) - 1)
}

func (c *Campaign) serial() uint32 { return c.wake.order }

// Due is when the next step may leave; zero = at once.
func (r Received) Due() time.Time { return toTime(int64(r.due) * second) }

// ReceivedBy returns what an address was sent by a campaign, and why that ended; empty = because its lead was removed, so it can be
// continued. It returns false when nothing was ever requested for the address.
func (o *Organization) ReceivedBy(address Hash, c *Campaign) (r Received, end string, ok bool) {
	r, ok = o.Recipients.was[recipientKey{address, c.serial()}]
	if !ok {
		return r, "", false
	}
	if end = o.Recipients.reasons[r.end]; end == events.StopLeadRemoved {
		end = ""
	}
	if end == "" && int(r.Step) >= len(c.plans[len(c.plans)-1].steps) {
		end = endCompleted
	}
	return r, end, true
}

// rememberReceived keeps what an enrollment that ends has sent. A message that may have left counts as sent until its result is known.
func (o *Organization) rememberReceived(e *Enrollment, address Hash, reason string) {
	if e.attempts == 0 {
		return
	}
	key := recipientKey{address, e.campaign.serial()}
	r := Received{Last: o.lastSent(e), due: uint32((e.due + second - 1) / second), Step: e.step, Attempts: e.attempts, end: o.Recipients.was[key].end}
	if reason != "" {
		r.end = o.Recipients.reasonRef(reason)
	}
	if m := e.message; m != nil && m.mayHaveLeft() {
		r.Step, r.Last = r.Step+1, m.ID
		r.due = uint32((o.dueAfter(e, int(r.Step), toTime(m.claimed)) + second - 1) / second)
	}
	putInMap(&o.Recipients.was, key, r)
}

// correctReceived takes the result of a message whose enrollment ended before it was known.
func (o *Organization) correctReceived(e *Enrollment) {
	if e.hasFlag(enrollmentEnded) {
		o.rememberReceived(e, e.lead.Address, "")
	}
}

// dueAfter returns when a step, counted from 0, may leave after the one before it; 0 = there is no such step.
func (o *Organization) dueAfter(e *Enrollment, step int, at time.Time) int64 {
	steps := e.planSteps()
	if step >= len(steps) {
		return 0
	}
	return o.dueDays(e, at, steps[step].delay)
}

// drawnDueAfter is dueAfter of the next step, by the delay that an experiment draws.
func (o *Organization) drawnDueAfter(e *Enrollment, at time.Time) int64 {
	steps := e.planSteps()
	if int(e.step) >= len(steps) {
		return 0
	}
	return o.dueDays(e, at, o.drawDelay(e, &steps[e.step]))
}

// moveReceived records for a lead's new address what the old one was sent, and for the old one what the lead is being sent.
func (o *Organization) moveReceived(from, to Hash, on []*Enrollment) {
	for _, e := range on {
		o.rememberReceived(e, from, events.StopLeadRemoved)
		if m := e.message; m != nil && m.mayHaveLeft() {
			putInMap(&o.Recipients.away, m.ID, o.RecipientOf(m))
		}
	}
	for _, c := range o.pacing.campaigns {
		was, ok := o.Recipients.was[recipientKey{from, c.serial()}]
		if is, there := o.Recipients.was[recipientKey{to, c.serial()}]; ok && (!there || is.Step < was.Step) {
			was.Attempts = max(was.Attempts, is.Attempts)
			o.Recipients.was[recipientKey{to, c.serial()}] = was
		}
	}
}

// endReceived ends what could be continued for somebody who is no longer a lead and wants no more mail.
func (o *Organization) endReceived(lead uuid.UUID, reason string) {
	address, ok := o.Leads.gone[lead]
	if !ok || o.Leads.byID[lead] != nil {
		return
	}
	for _, c := range o.pacing.campaigns {
		key := recipientKey{address, c.serial()}
		if r, ok := o.Recipients.was[key]; ok && o.Recipients.reasons[r.end] == events.StopLeadRemoved {
			r.end = o.Recipients.reasonRef(reason)
			o.Recipients.was[key] = r
		}
	}
}

// RecipientOf returns the address that a message goes to or went to.
func (o *Organization) RecipientOf(m *Message) Hash {
	if h, ok := o.Recipients.away[m.ID]; ok {
		return h
	}
	return m.e.lead.Address
}

// applySuppression tells suppressions because of an address (bounces) from those that a person wants.
func (r *Recipients) applySuppression(event events.SuppressionEvent) {
	switch e := event.(type) {
	case events.SuppressionAdded:
		if e.Kind == events.SuppressAddress && e.Reason == events.SuppressedBounce {
			putInMap(&r.bounced, hashOf(e.Hash), struct{}{})
		} else {
			delete(r.bounced, hashOf(e.Hash))
		}
	case events.SuppressionRemoved:
		delete(r.bounced, hashOf(e.Hash))
	case events.SubdomainKnown, events.SuppressionChunkRecorded: // change nothing here
	}
}

// WantsNoMail reports whether the person at an address wants no mail: that holds for whatever address they
// have. A bounce says nothing about another address.
func (o *Organization) WantsNoMail(address Hash) bool {
	_, bounced := o.Recipients.bounced[address]
	return !bounced && o.Suppression.Has(Suppression{Hash: address})
}

// PersonOf returns the lead with an id; when it was removed, the lead that has its address now; nil = nobody.
func (l *Leads) PersonOf(id uuid.UUID) *Lead {
	if x := l.byID[id]; x != nil {
		return x
	}
	if h, ok := l.gone[id]; ok {
		return l.byAddress[h]
	}
	return nil
}

// WentTo returns the address that a message went to: that of its report, else the known one of the message or its lead.
func (o *Organization) WentTo(r events.SentMessageRef, reported string) (Hash, bool) {
	if h, ok := ParseHash(reported); ok {
		return h, true
	}
	if m := o.Messages[r.MessageID]; m != nil && m.mayHaveLeft() {
		return o.RecipientOf(m), true
	}
	return o.Leads.AddressOf(r.LeadID)
}

// continueEnrollment lets an enrollment continue after what its address was sent before.
func (o *Organization) continueEnrollment(e events.EnrollmentContinued) {
	o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
		o.takeOutOfLine(x)
		x.step, x.previous, x.due = uint8(e.Step), 0, toMicros(e.DueAt)
		x.attempt, x.base, x.attempts = uint8(e.Attempt), uint8(e.Attempt), uint8(e.Attempt)
		o.placeInLine(x)
	})
}
