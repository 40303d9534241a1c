package aggregates

import (
	"outrider/events"
)

// request asks for the messages that the slots within the horizon need, and says when there will be more to ask for.
func (p *pacer) request(m *Mailbox, slot int64, rule string) (until int64, why string) {
	end := p.now + horizon
	if slot > end {
		return slot - horizon, rule
	}
	need := p.slots(m, slot, end) - p.pipeline(m, slot, end)
	for need > 0 && p.left > 0 {
		e, at := p.candidate(m, slot, end)
		if e == nil {
			return p.later(m, slot)
		}
		if p.ask(m, e, at) {
			need--
		}
	}
	return never, RuleFlight // a slot that is taken makes room
}

// slots is how many messages may leave by the end of the horizon.
func (p *pacer) slots(m *Mailbox, slot, end int64) int {
	limit := p.o.CapAt(m, instant(end))
	loc := p.o.mailboxZone(m)
	today := startOfDay(instant(end), 0, loc).UnixMicro() - 1
	n := min(limit-m.since(end-24*hour), limit-m.since(today)) - m.claimed
	if each := m.gap() + int64(m.Pace.JitterFrom)*second; each > 0 {
		n = min(n, 1+int((end-slot)/each))
	}
	return max(n, 1)
}

// pipeline is how many messages are on their way to a slot within the horizon.
func (p *pacer) pipeline(m *Mailbox, slot, end int64) (n int) {
	for _, msg := range m.open {
		switch msg.state {
		case messageRequested, messageReady:
			if at, _ := p.o.ready(msg.e, msg, max(slot, p.now)); at <= end {
				n++
			}
		}
	}
	return n
}

// candidate gives who is to be written to next: who waits for a follow-up, the longest due first, else who was enrolled
// first.
func (p *pacer) candidate(m *Mailbox, slot, end int64) (best *Enrollment, at int64) {
	var from *lane
	look := func(l *lane) {
		if !p.open(m, l, slot, end) {
			return
		}
		e := p.head(l)
		if e == nil || e.due > end {
			return
		}
		opens, bound := p.o.ready(e, nil, slot)
		for skip := 0; opens > end && bound == RuleCompany && skip < 20; skip++ { // only this one waits, not the lane
			add(&p.cursor, l, p.cursor[l]+1)
			if e = p.head(l); e == nil {
				return
			}
			opens, bound = p.o.ready(e, nil, slot)
		}
		if opens > end && bound != RuleSuppressed { // who is suppressed is stopped by ask
			return
		}
		if best == nil || e.due < best.due || e.due == best.due && e.order < best.order {
			best, at, from = e, opens, l
		}
	}
	for _, l := range m.lanes {
		look(l)
	}
	if best == nil {
		for _, c := range m.campaigns {
			for _, l := range c.lanes {
				look(l)
			}
		}
	}
	if best != nil {
		add(&p.taken, best, true)
		add(&p.cursor, from, p.cursor[from]+1)
	}
	return best, at
}

// open says whether somebody of a lane may get a message within the horizon.
func (p *pacer) open(m *Mailbox, l *lane, slot, end int64) bool {
	c := l.campaign
	if len(l.items) == 0 || c.Status != events.CampaignIsActive || len(c.plans[len(c.plans)-1].steps) == 0 || p.unapproved(m, c) {
		return false
	}
	return p.opensAt(l, slot) <= end
}

func (p *pacer) opensAt(l *lane, slot int64) int64 {
	c := l.campaign
	from := max(slot, micros(p.o.startOf(c)))
	return c.window.room(from, p.o.zones.first(l.zone, c.zone, p.o.zone))
}

// unapproved says that a person has a day's messages to approve first.
func (p *pacer) unapproved(m *Mailbox, c *Campaign) bool {
	if c.approval == events.ApproveNone {
		return false
	}
	n := 0
	for _, msg := range m.open {
		if msg.person && msg.state <= messageDrafted && msg.state != messageHeld && msg.e.campaign == c {
			n++
		}
	}
	return n >= max(p.o.CapAt(m, p.time), 1)
}

func (p *pacer) head(l *lane) *Enrollment {
	i := p.cursor[l]
	for i < len(l.items) && p.taken[l.items[i]] {
		i++
	}
	if i == len(l.items) {
		return nil
	}
	return l.items[i]
}

// ask requests a message, unless its company has enough of them or it must not be written to.
func (p *pacer) ask(m *Mailbox, e *Enrollment, at int64) bool {
	p.left--
	lead := e.lead
	if p.o.Suppression.Covers(lead) {
		p.out = append(p.out, e.Stop(events.StopSuppressed, nil)...)
		return false
	}
	if p.o.companyFull(e, p.entered[lead.Domain]) {
		p.emit(events.EnrollmentDeferred{EnrollmentRef: e.Ref(), Active: p.o.companyActive(e) + p.entered[lead.Domain]})
		return false
	}
	if !e.is(enrollmentCounted) {
		add(&p.entered, lead.Domain, p.entered[lead.Domain]+1)
	}
	p.emit(e.request(m, at))
	return true
}

// later gives when a mailbox has somebody to write to again.
func (p *pacer) later(m *Mailbox, slot int64) (until int64, why string) {
	until, why = never, RuleNobody
	look := func(l *lane) {
		e := p.head(l)
		if e == nil || l.campaign.Status != events.CampaignIsActive || p.unapproved(m, l.campaign) {
			return
		}
		if at, rule := p.o.ready(e, nil, slot); at != never && at-horizon < until {
			until, why = at-horizon, rule
			if rule == RuleRetry {
				why = RuleDelay
			}
		}
	}
	for _, l := range m.lanes {
		look(l)
	}
	for _, c := range m.campaigns {
		for _, l := range c.lanes {
			look(l)
		}
	}
	return until, why
}

func (e *Enrollment) request(m *Mailbox, at int64) events.MessageRequested {
	c, steps := e.campaign, e.steps()
	s := &steps[e.step]
	ref := e.Ref()
	r := events.MessageRequested{MessageRef: events.MessageRef{MessageID: messageID(ref.EnrollmentID, s.id, e.attempt), EnrollmentID: ref.EnrollmentID, LeadID: ref.LeadID, CampaignID: ref.CampaignID},
		StepsVersion: c.plans[e.plan].version, StepID: s.id, Step: int(e.step) + 1, Steps: len(steps), VariantID: s.variants[s.variant(ref.EnrollmentID)].id, MailboxID: m.ID,
		Attempt: int(e.attempt), Earliest: instant(at), Approval: c.approval == events.ApproveAll || c.approval == events.ApproveFirst && e.step == 0}
	if e.previous > 0 {
		r.PreviousID = messageID(ref.EnrollmentID, steps[e.step-1].id, e.previous-1)
	}
	return r
}

func add[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}
