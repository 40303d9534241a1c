package aggregates

import "outrider/events"

// nextCandidate returns who is to be written to next: who waits for a follow-up, the longest due first, else who was enrolled
// first.
func (p *pacer) nextCandidate(m *Mailbox, slot, end int64) (best *Enrollment, at int64) {
	var from *waitingLine
	look := func(l *waitingLine) {
		if !p.lineOpens(m, l, slot, end) {
			return
		}
		e := p.headOfLine(l)
		if e == nil || e.due > end {
			return
		}
		opens, bound := p.o.readyAt(e, nil, slot)
		for skip := 0; opens > end && bound == RuleCompany && skip < 20; skip++ { // only this one waits, not the line
			putInMap(&p.cursor, l, p.cursor[l]+1)
			if e = p.headOfLine(l); e == nil {
				return
			}
			opens, bound = p.o.readyAt(e, nil, slot)
		}
		if opens > end && bound != RuleSuppressed { // who is suppressed is stopped by ask
			return
		}
		if best == nil || e.due < best.due || e.due == best.due && e.order < best.order {
			best, at, from = e, opens, l
		}
	}
	for _, l := range m.lines {
		look(l)
	}
	if best == nil {
		for _, c := range m.campaigns {
			for _, l := range c.lines {
				look(l)
			}
		}
	}
	if best != nil {
		putInMap(&p.taken, best, true)
		putInMap(&p.cursor, from, p.cursor[from]+1)
	}
	return best, at
}

// lineOpens reports whether somebody of a line may get a message within the horizon.
func (p *pacer) lineOpens(m *Mailbox, l *waitingLine, slot, end int64) bool {
	c := l.campaign
	if len(l.items) == 0 || c.Status != events.CampaignIsActive || len(c.plans[len(c.plans)-1].steps) == 0 || p.awaitsApproval(m, c) {
		return false
	}
	return p.opensAt(l, slot) <= end
}

func (p *pacer) opensAt(l *waitingLine, slot int64) int64 {
	c := l.campaign
	from := max(slot, toMicros(p.o.startOf(c)))
	return c.window.nextWithRoom(from, p.o.zones.firstLocation(l.zone, c.zone, p.o.zones.home))
}

// awaitsApproval says that a person has a day's messages to approve first.
func (p *pacer) awaitsApproval(m *Mailbox, c *Campaign) bool {
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

func (p *pacer) headOfLine(l *waitingLine) *Enrollment {
	i := p.cursor[l]
	for i < len(l.items) && p.taken[l.items[i]] {
		i++
	}
	if i == len(l.items) {
		return nil
	}
	return l.items[i]
}

// nextRequest returns when a mailbox has somebody to write to again.
func (p *pacer) nextRequest(m *Mailbox, slot int64) (until int64, why string) {
	until, why = never, RuleNobody
	look := func(l *waitingLine) {
		e := p.headOfLine(l)
		if e == nil || l.campaign.Status != events.CampaignIsActive || p.awaitsApproval(m, l.campaign) {
			return
		}
		if at, rule := p.o.readyAt(e, nil, slot); at != never && at-horizon < until {
			until, why = at-horizon, rule
			if rule == RuleRetry {
				why = RuleDelay
			}
		}
	}
	for _, l := range m.lines {
		look(l)
	}
	for _, c := range m.campaigns {
		for _, l := range c.lines {
			look(l)
		}
	}
	return until, why
}
