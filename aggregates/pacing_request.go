package aggregates

import (
	"outrider/events"
)

// requestMessages asks for the messages that the slots within the horizon need, and says when there will be more to ask for.
func (p *pacer) requestMessages(m *Mailbox, slot int64, rule string) (until int64, why string) {
	end := p.now + horizon
	if slot > end {
		return slot - horizon, rule
	}
	need := p.countSlots(m, slot, end) - p.countPipeline(m, slot, end)
	for need > 0 && p.left > 0 {
		e, at := p.nextCandidate(m, slot, end)
		if e == nil {
			return p.nextRequest(m, slot)
		}
		if p.askFor(m, e, at) {
			need--
		}
	}
	return never, RuleFlight // a slot that is taken makes room
}

// countSlots is how many messages may leave by the end of the horizon.
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

// countPipeline is how many messages are on their way to a slot within the horizon.
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

// askFor requests a message, unless its company has enough of them or it must not be written to.
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
	if !e.hasFlag(enrollmentCounted) {
		putInMap(&p.entered, lead.Domain, p.entered[lead.Domain]+1)
	}
	p.addEvent(e.requestEvent(m, at))
	return true
}

func (e *Enrollment) requestEvent(m *Mailbox, at int64) events.MessageRequested {
	c, steps := e.campaign, e.planSteps()
	s := &steps[e.step]
	ref := e.Ref()
	r := events.MessageRequested{MessageRef: events.MessageRef{MessageID: messageID(ref.EnrollmentID, s.id, e.attempt), EnrollmentID: ref.EnrollmentID, LeadID: ref.LeadID, CampaignID: ref.CampaignID},
		StepsVersion: c.plans[e.plan].version, StepID: s.id, Step: int(e.step) + 1, Steps: len(steps), VariantID: s.variants[s.drawVariant(ref.EnrollmentID)].id, MailboxID: m.ID,
		Attempt: int(e.attempt), Earliest: toTime(at), Approval: c.approval == events.ApproveAll || c.approval == events.ApproveFirst && e.step == 0}
	if e.previous > 0 {
		r.PreviousID = messageID(ref.EnrollmentID, steps[e.step-1].id, e.previous-1)
	}
	return r
}

func putInMap[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}
