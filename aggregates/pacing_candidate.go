package aggregates

import "outrider/events"

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
	return c.window.room(from, p.o.zones.first(l.zone, c.zone, p.o.zones.home))
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
