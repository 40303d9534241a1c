package aggregates

import (
	"slices"
	"time"

	"outrider/events"
)

// horizon is how long before a slot its message is asked for, so that there is time to write it.
const horizon = 2 * hour

// Bounds of one tick; the rest is left to the next one.
const (
	mostActions = 400   // requests, schedules and stops
	mostLooks   = 2_000 // open messages and lines; one mailbox is looked at whatever it has
	lookAgain   = second
	goOn        = 50 * second / 1000 // from a tick that left something to the next
)

// Pace decides what is due by the clock: leases and pauses that are over, campaigns that end, and
// for each due mailbox which messages to request, which one gets the slot, and when to look again.
func (o *Organization) Pace(now time.Time) []events.Event {
	p := pacer{o: o, time: now, now: toMicros(now), left: mostActions, looks: mostLooks}
	p.endLeases()
	p.paceResponses(o.maySend())
	p.lookAtExperiments()
	if !o.maySend() {
		return p.out
	}
	p.resumeEnrollments()
	due := o.pacing.timers.dueBy(p.now)
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
			p.paceCampaign(t.campaign)
		}
	}
	p.rotate(due)
	for _, t := range due {
		if p.left <= 0 || p.looks <= 0 {
			break
		}
		if t.mailbox != nil {
			p.paceMailbox(t.mailbox)
		}
	}
	return p.out
}

// pacer collects the events of one tick, and what they change for the decisions after them.
type pacer struct {
	o       *Organization
	time    time.Time
	now     int64 // the same, in microseconds
	left    int
	looks   int
	out     []events.Event
	taken   map[*Enrollment]bool
	entered map[Hash]int         // people of a company who got their first message
	wrote   map[Hash]bool        // companies to which a message was scheduled
	written map[*Lead]*Campaign  // people to whom a message was scheduled, by campaign
	cursor  map[*waitingLine]int // how far a line was looked at
	asked   map[*Campaign]int    // first messages that were asked for
	booked  booking              // messages to which a slot was given
	asker   *Researcher
}

// researcher asks for what is known of companies to be looked at again.
func (p *pacer) researcher() *Researcher {
	if p.asker == nil {
		p.asker = p.o.Researcher(p.time)
	}
	return p.asker
}

func (p *pacer) addEvent(e events.Event) { p.out = append(p.out, e) }

func (p *pacer) endLeases() {
	for _, m := range p.o.pacing.leases {
		if m.lease > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.addEvent(m.inDoubtEvent())
	}
}

func (p *pacer) resumeEnrollments() {
	for e := range p.o.pacing.resumes.all() {
		if e.until > p.now || p.left <= 0 {
			return
		}
		p.left--
		p.addEvent(events.EnrollmentResumed{EnrollmentRef: e.Ref(), Reason: events.ResumedByClock})
	}
}

// paceCampaign acts on the conditions that scheduleCampaign set a time for; both must name the same ones.
func (p *pacer) paceCampaign(c *Campaign) {
	ref := events.CampaignRef{CampaignID: c.ID}
	ended := p.o.endOf(c)
	switch {
	case c.Live() && !ended.IsZero() && !p.time.Before(ended):
		p.left--
		p.addEvent(events.CampaignCompleted{CampaignRef: ref, Reason: events.CompletedEnded})
	case c.nobodyLeft():
		p.left--
		p.addEvent(events.CampaignIdled{CampaignRef: ref})
	case c.Status == events.CampaignIsCompleted:
		for e := range c.people.all() {
			if p.left <= 0 {
				return
			}
			p.left--
			p.out = append(p.out, e.Stop(events.StopCampaignCompleted, nil)...)
		}
	case c.Live() && !c.told:
		p.left--
		p.addEvent(events.CampaignReadinessChanged{CampaignRef: ref, Missing: lacksOfMailboxes(c.mailboxes)})
	}
}

// paceMailbox always ends with an event that says when to look again: a tick must move what made it due.
func (p *pacer) paceMailbox(m *Mailbox) {
	if !m.Sending() {
		p.paceStopped(m)
		return
	}
	p.looks -= len(m.open) + len(m.lines) + 1
	for _, c := range m.campaigns {
		p.looks -= len(c.lines)
	}
	if p.stepWarmup(m) {
		p.waitUntil(m, RuleMore, p.now+goOn) // with the new cap
		return
	}
	p.endWarmup(m)
	slot, rule := p.o.nextSlot(m, p.now, 0)
	scheduled, next, nextRule := p.scheduleMessages(m, slot, rule)
	if scheduled > 0 {
		slot, rule = p.slotAfter(m, scheduled)
	} else if rule == RuleFlight {
		slot = p.now + m.gapLength() // about then
	}
	if slot == never {
		p.waitUntil(m, rule, next)
		return
	}
	until, why := p.requestMessages(m, slot, rule)
	if next < until {
		until, why = next, nextRule
	}
	if p.left <= 0 {
		until, why = p.now+goOn, RuleMore
	}
	p.waitUntil(m, why, until)
}

func (p *pacer) waitUntil(m *Mailbox, rule string, until int64) {
	e := events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: m.ID}, Rule: rule}
	if until != never {
		soonest := p.now + lookAgain
		if rule == RuleMore {
			soonest = p.now + goOn
		}
		e.Until = toTime(max(until, soonest))
	}
	p.addEvent(e)
}
