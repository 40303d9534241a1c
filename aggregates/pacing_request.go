package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// mostWritten bounds the messages of a mailbox that are on their way to be sent, whatever its caps: all of them are looked at with every
// tick. There is more to ask for as soon as one has left.
const mostWritten = 1_000

// requestMessages requests messages for the slots within the horizon, and returns when there will be more to request.
func (p *pacer) requestMessages(m *Mailbox, slot int64, rule string) (until int64, why string) {
	end := p.now + horizon
	if slot > end {
		return slot - horizon, rule
	}
	need := min(p.countSlots(m, slot, end), mostWritten-m.inFlight) - p.countPipeline(m, slot, end)
	if need <= 0 || p.left <= 0 {
		return never, RuleFlight
	}
	next := p.candidatesOf(m, slot, end)
	for need > 0 && p.left > 0 {
		e, at := next.take()
		if e == nil {
			return next.nextRequest()
		}
		if p.askFor(m, e, at) {
			need--
		} else {
			next.giveBack(e)
		}
	}
	return never, RuleFlight // a result frees a slot
}

// countSlots counts the slots up to the end of the horizon.
func (p *pacer) countSlots(m *Mailbox, slot, end int64) int {
	limit := p.o.CapAt(m, toTime(end))
	loc := p.o.mailboxZone(m)
	today := startOfDay(toTime(end), 0, loc).UnixMicro() - 1
	n := min(limit-m.sentSince(end-24*hour), limit-m.sentSince(today)) - m.claimed
	if each := m.gapLength() + int64(m.Pace.JitterFrom)*second; each > 0 {
		n = min(n, 1+int((end-slot)/each))
	}
	return max(n, 1)
}

// countPipeline counts the messages that will take a slot within the horizon.
func (p *pacer) countPipeline(m *Mailbox, slot, end int64) (n int) {
	for _, msg := range m.open {
		switch msg.state {
		case messageRequested, messageReady:
			if at, _ := p.o.readyAt(msg.e, msg, max(slot, p.now)); at <= end {
				n++
			}
		}
	}
	return n
}

// askFor requests a message, unless the company is full or the person must not be written to.
func (p *pacer) askFor(m *Mailbox, e *Enrollment, at int64) bool {
	p.left--
	lead := e.lead
	if p.o.Suppression.Covers(lead) {
		p.out = append(p.out, e.Stop(events.StopSuppressed, nil)...)
		return false
	}
	if p.o.companyFull(e, p.entered[lead.Domain]) {
		p.addEvent(events.EnrollmentDeferred{EnrollmentRef: e.Ref(), Active: p.o.companyActive(e) + p.entered[lead.Domain]})
		return false
	}
	arm, in, heldOut := p.o.draw(e, &e.planSteps()[e.step])
	if heldOut {
		ref := e.Ref()
		p.addEvent(events.ExperimentHeldOut{ExperimentRef: events.ExperimentRef{ExperimentID: in.ID}, EnrollmentID: ref.EnrollmentID, LeadID: ref.LeadID, CampaignID: ref.CampaignID})
		p.out = append(p.out, e.Stop(events.StopHeldOut, nil)...)
		return false
	}
	if !e.hasFlag(enrollmentCounted) {
		putInMap(&p.entered, lead.Domain, p.entered[lead.Domain]+1)
	}
	p.addEvent(p.o.requestEvent(e, m, at, in, arm))
	p.out = append(p.out, p.researcher().ForCampaign(e.campaign, lead, false)...)
	return true
}

func (o *Organization) requestEvent(e *Enrollment, m *Mailbox, at int64, in *Experiment, arm *Arm) events.MessageRequested {
	c, steps := e.campaign, e.planSteps()
	s := &steps[e.step]
	ref := e.Ref()
	r := events.MessageRequested{MessageRef: events.MessageRef{MessageID: messageID(ref.EnrollmentID, s.id, e.attempt), EnrollmentID: ref.EnrollmentID, LeadID: ref.LeadID, CampaignID: ref.CampaignID},
		StepsVersion: c.plans[e.plan].version, StepID: s.id, Step: int(e.step) + 1, Steps: len(steps), VariantID: s.variants[s.drawVariant(ref.EnrollmentID)].id, MailboxID: m.ID,
		Attempt: int(e.attempt), PreviousID: o.lastSent(e), Earliest: toTime(at), Approval: e.asksPerson(), Flags: o.Flags.recorded()}
	if arm != nil {
		r.ExperimentID, r.ArmID = in.ID, arm.ID
		if arm.variant != uuid.Nil {
			r.VariantID = arm.variant
		}
	}
	return r
}

func putInMap[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}
