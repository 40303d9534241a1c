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
	if !o.paces() {
		return p.out
	}
	p.resumes()
	due := o.timers.due(p.now)
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
	for _, m := range p.o.leases {
		if m.lease > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.emit(m.doubt())
	}
}

func (p *pacer) resumes() {
	for _, e := range p.o.resumes.items {
		if e.until > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.emit(events.EnrollmentResumed{EnrollmentRef: e.Ref(), Reason: events.ResumedByClock})
	}
}

// campaign acts on what timeCampaign saw; both must name the same conditions.
func (p *pacer) campaign(c *Campaign) {
	switch {
	case c.nobodyLeft():
		p.left--
		p.emit(events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: c.ID}, Reason: events.CompletedFinished})
	case c.Status == events.CampaignIsCompleted:
		for _, e := range c.first(p.left) {
			p.left--
			p.out = append(p.out, e.Stop(events.StopCampaignCompleted, nil)...)
		}
	case c.Live():
		p.left--
		p.emit(events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: c.ID}, Reason: events.CompletedEnded})
	}
}

// mailbox always ends in an event that says when to look again: a tick must move what made it due.
func (p *pacer) mailbox(m *Mailbox) {
	if !m.Sending() {
		p.wait(m, RuleMailbox, never)
		return
	}
	if m.Warming && p.o.CapAt(m, p.time) >= m.Pace.CapPerDay {
		p.emit(events.MailboxWarmedUp{MailboxRef: events.MailboxRef{MailboxID: m.ID}})
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
	e := events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: m.ID}, Rule: rule}
	if until != never {
		soonest := p.now + lookAgain
		if rule == RuleMore {
			soonest = p.now + goOn
		}
		e.Until = instant(max(until, soonest))
	}
	p.emit(e)
}

// after estimates the slot behind what was just scheduled: its result will tell.
func (p *pacer) after(m *Mailbox, scheduled int) (int64, string) {
	if m.gap() > 0 {
		return p.now + m.gap() + int64(m.Pace.JitterFrom)*second, RuleGap
	}
	return p.o.slot(m, p.now, scheduled)
}

// schedule gives free slots to messages that may leave now, follow-ups first, and says when one that can't leave yet can.
func (p *pacer) schedule(m *Mailbox, slot int64, rule string) (n int, next int64, why string) {
	next, why = never, RuleNobody
	if rule == RuleFlight && slot == never || slot == never {
		return 0, never, rule
	}
	free := slot <= p.now
	for pass := range 2 {
		for _, msg := range m.open {
			if msg.state != messageReady || (msg.e.step > 0) != (pass == 0) {
				continue
			}
			at, bound := p.o.ready(msg.e, msg, max(p.now, slot))
			if at == never {
				continue
			}
			if company := msg.e.lead.Domain; at <= p.now && free && p.left > 0 && !p.wrote[company] {
				p.left--
				n++
				if !msg.e.lead.FreeMail && msg.e.campaign.Settings.CompanyGapMinutes > 0 {
					add(&p.wrote, company, true)
				}
				p.emit(events.MessageScheduled{MessageRef: msg.Ref(), MailboxID: m.ID, At: p.time})
				again, _ := p.o.slot(m, p.now, n)
				free = m.gap() == 0 && again <= p.now
				if m.gap() > 0 {
					return n, never, RuleFlight // its result comes first
				}
				continue
			}
			if at <= p.now { // there was no slot, or the company had one just now
				at, bound = max(slot, p.now+minute), RuleGap
				if !free {
					at, _ = p.o.slot(m, p.now, n)
				}
			} else if at <= slot {
				bound = rule
			}
			if at < next {
				next, why = at, bound
			}
		}
	}
	return n, next, why
}
