package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// DefaultPersonGap is the gap between messages of two campaigns to one person, unless the organisation sets another.
const DefaultPersonGap = 24 * time.Hour

// MaxPersonGap is the longest gap that can be set.
const MaxPersonGap = 30 * 24 * time.Hour

// PersonGap is how much time must lie between messages of two campaigns to one person; 0 = none.
func (o *Organization) PersonGap() time.Duration {
	return time.Duration(o.pacing.people.gap()) * time.Microsecond
}

// people remembers who was written to last, by which campaign, for as long as the gap is. The key is the id of a lead, which stays
// the same when the address changes, or when a removed lead is created again.
type people struct {
	isSet bool // a gap was set; else it is the default
	micro int64
	sent  map[uuid.UUID]personSent
	order []personOrder // of sent, oldest first
}

type personSent struct {
	campaign *Campaign
	at       int64
}

type personOrder struct {
	lead uuid.UUID
	at   int64
}

func (p *people) gap() int64 {
	if p.isSet {
		return p.micro
	}
	return DefaultPersonGap.Microseconds()
}

// heldUntil returns when a campaign may write to a lead after another campaign did; 0 = none did.
func (p *people) heldUntil(lead uuid.UUID, c *Campaign) int64 {
	last, ok := p.sent[lead]
	if !ok || last.campaign == c || p.gap() == 0 {
		return 0
	}
	return last.at + p.gap()
}

// heldSeconds is heldUntil for an enrollment, in whole seconds to keep enrollments small.
func (p *people) heldSeconds(e *Enrollment) uint32 {
	return uint32((p.heldUntil(e.lead.ID, e.campaign) + second - 1) / second)
}

func (p *people) forgetBefore(at int64) {
	for len(p.order) > 0 && p.order[0].at <= at {
		if first := p.order[0]; p.sent[first.lead].at == first.at {
			delete(p.sent, first.lead)
		}
		p.order = p.order[1:]
	}
	if len(p.order) == 0 {
		p.order = nil
	}
}

// recordPerson remembers that a campaign has written to a person; the person's other campaigns wait.
func (o *Organization) recordPerson(e *Enrollment, at int64) {
	p := &o.pacing.people
	if p.gap() == 0 {
		return
	}
	if last, ok := p.sent[e.lead.ID]; !ok || at >= last.at {
		putInMap(&p.sent, e.lead.ID, personSent{e.campaign, at})
		p.order = append(p.order, personOrder{e.lead.ID, at})
	}
	p.forgetBefore(at - p.gap())
	if e.lead.Enrollments > 1 {
		o.putInLineAnew(e.lead.ID)
	}
}

// putInLineAnew moves the enrollments of a lead to where they now belong in their lines.
func (o *Organization) putInLineAnew(lead uuid.UUID) {
	for _, x := range o.enrollmentsOf(o.Leads.byID[lead]) {
		if x.hasFlag(enrollmentQueued) && x.held != o.pacing.people.heldSeconds(x) {
			o.takeOutOfLine(x)
			o.placeInLine(x)
		}
	}
}

// setPersonGap changes the gap, also for everybody who is waiting already.
func (o *Organization) setPersonGap(e events.OrganizationPersonGapSet) {
	p := &o.pacing.people
	p.isSet, p.micro = true, int64(e.Minutes)*minute
	for _, x := range p.order {
		o.putInLineAnew(x.lead)
	}
	if p.gap() == 0 {
		p.sent, p.order = nil, nil
	}
	for _, c := range o.pacing.campaigns {
		o.wakeMailboxesOf(c)
	}
}

// personRule keeps campaigns from writing to one person at the same time. Within one campaign the delays of its steps decide.
func personRule(q *ruleContext) int64 {
	until := q.o.pacing.people.heldUntil(q.e.lead.ID, q.e.campaign)
	if until == 0 {
		return q.at
	}
	noteInput(q, "last_sent", toTime(until-q.o.pacing.people.gap()))
	noteInput(q, "campaign_id", q.o.pacing.people.sent[q.e.lead.ID].campaign.ID)
	noteInput(q, "gap_minutes", q.o.pacing.people.gap()/minute)
	return max(q.at, until)
}
