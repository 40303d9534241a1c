package aggregates

import (
	"slices"
	"time"

	"outrider/events"
)

// horizon is how long before a slot its message is asked for, so that there is time to write it.
const horizon = 2 * hour

// Bounds of one tick; what doesn't fit goes on with the next.
const (
	mostActions = 400 // requests, schedules and stops
	lookAgain   = second
	goOn        = 50 * second / 1000 // after a tick that had no room for all
)

// Pace decides what is due by the clock: leases that are over, pauses that end, campaigns that come to their end, and
// for each mailbox whose time has come which messages to ask for, which one gets the slot, and when to look again.
func (o *Organization) Pace(now time.Time) []events.Event {
	p := pacer{o: o, time: now, now: micros(now), left: mostActions}
	p.leases()
	if !o.maySend() {
		return p.out
	}
	p.resumes()
	due := o.pacing.timers.due(p.now)
	slices.SortFunc(due, func(a, b *timer) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return int(int64(a.order) - int64(b.order))
	})
	for _, t := range due {
		if p.left <= 0 {
			break
		}
		if t.campaign != nil {
			p.campaign(t.campaign)
		}
	}
	for _, t := range due {
		if p.left <= 0 {
			break
		}
		if t.mailbox != nil {
			p.mailbox(t.mailbox)
		}
	}
	return p.out
}

// pacer collects the events of one tick, and what they change for what is decided after them.
type pacer struct {
	o       *Organization
	time    time.Time
	now     int64 // the same, in microseconds
	left    int
	out     []events.Event
	taken   map[*Enrollment]bool
	entered map[Hash]int  // people of a company who got their first message
	wrote   map[Hash]bool // companies that got a slot
	cursor  map[*lane]int // people of a lane who were looked at
}

func (p *pacer) emit(e events.Event) { p.out = append(p.out, e) }

func (p *pacer) leases() {
	for _, m := range p.o.pacing.leases {
		if m.lease > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.emit(m.doubt())
	}
}

func (p *pacer) resumes() {
	for _, e := range p.o.pacing.resumes.items {
		if e.until > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.emit(events.EnrollmentResumed{InCampaign: e.Ref(), Reason: events.ResumedByClock})
	}
}

// campaign acts on what timeCampaign saw; both must name the same conditions.
func (p *pacer) campaign(c *Campaign) {
	switch {
	case c.nobodyLeft():
		p.left--
		p.emit(events.CampaignCompleted{CampaignID: c.ID, Reason: events.CompletedFinished})
	case c.Status == events.CampaignIsCompleted:
		for _, e := range c.first(p.left) {
			p.left--
			p.out = append(p.out, e.Stop(events.StopCampaignCompleted, nil)...)
		}
	case c.Live():
		p.left--
		p.emit(events.CampaignCompleted{CampaignID: c.ID, Reason: events.CompletedEnded})
	}
}

// mailbox always ends in an event that says when to look again: a tick must move what made it due.
func (p *pacer) mailbox(m *Mailbox) {
	if !m.Sending() {
		p.wait(m, RuleMailbox, never)
		return
	}
	if m.Warming && p.o.CapAt(m, p.time) >= m.Pace.CapPerDay {
		p.emit(events.MailboxWarmedUp{MailboxID: m.ID})
	}
	slot, rule := p.o.slot(m, p.now, 0)
	scheduled, next, nextRule := p.schedule(m, slot, rule)
	if scheduled > 0 {
		slot, rule = p.after(m, scheduled)
	} else if rule == RuleFlight {
		slot = p.now + m.gap() // about then
	}
	if slot == never {
		p.wait(m, rule, next)
		return
	}
	until, why := p.request(m, slot, rule)
	if next < until {
		until, why = next, nextRule
	}
	if p.left <= 0 {
		until, why = p.now+goOn, RuleMore
	}
	p.wait(m, why, until)
}

func (p *pacer) wait(m *Mailbox, rule string, until int64) {
	e := events.MailboxWaited{MailboxID: m.ID, Rule: rule}
	if until != never {
		soonest := p.now + lookAgain
		if rule == RuleMore {
			soonest = p.now + goOn
		}
		e.Until = instant(max(until, soonest))
	}
	p.emit(e)
}
