package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Why somebody keeps the version of the steps with which they began.
const (
	KeepsInFlight = "in_flight" // their next message is asked for, written or leaving
	KeepsPast     = "past"      // what they have had isn't how the new version begins, or is all of it
)

// MoveGroup is people of one version who have had as many steps.
type MoveGroup struct {
	From     int       // version
	Step     int       // steps sent
	People   int       // who can move
	NextStep uuid.UUID // that they would get next
}

// StepsMove is who of a campaign's people could go on with the newest version of its steps.
type StepsMove struct {
	To     int
	Groups []MoveGroup // the first enrolled first
	Keep   map[string]int
	Leads  []uuid.UUID // who can move
}

// MoveOf finds who could move; of some leads, or of all (nil).
func MoveOf(c *Campaign, some map[uuid.UUID]bool) (m StepsMove) {
	m.To, m.Keep = c.newestPlan().version, map[string]int{}
	type place struct{ plan, step int }
	groups := map[place]int{}
	for e := range c.people.all() {
		if some != nil && !some[e.lead.ID] || e.onNewest() {
			continue
		}
		if why := e.keepsVersion(); why != "" {
			m.Keep[why]++
			continue
		}
		at := place{int(e.plan), int(e.step)}
		i, ok := groups[at]
		if !ok {
			i = len(m.Groups)
			groups[at] = i
			m.Groups = append(m.Groups, MoveGroup{From: c.plans[e.plan].version, Step: int(e.step), NextStep: c.newestPlan().steps[e.step].id})
		}
		m.Groups[i].People++
		m.Leads = append(m.Leads, e.lead.ID)
	}
	return m
}

func (e *Enrollment) onNewest() bool { return int(e.plan) == len(e.campaign.plans)-1 }

// keepsVersion says why somebody can't go on with the newest version of the steps; "" = they can.
func (e *Enrollment) keepsVersion() string {
	was, next := e.planSteps(), e.campaign.newestPlan().steps
	switch {
	case e.message != nil:
		return KeepsInFlight
	case int(e.step) >= len(next):
		return KeepsPast
	}
	for i := range e.step { // ids of messages follow from those of steps
		if int(i) >= len(was) || was[i].id != next[i].id {
			return KeepsPast
		}
	}
	return ""
}

// MoveToNewest returns the event that lets somebody go on with the newest version; false = they keep theirs.
func (e *Enrollment) MoveToNewest() (events.EnrollmentMoved, bool) {
	if e.hasFlag(enrollmentEnded) || e.onNewest() || e.keepsVersion() != "" {
		return events.EnrollmentMoved{}, false
	}
	p := e.campaign.newestPlan()
	return events.EnrollmentMoved{EnrollmentRef: e.Ref(), From: e.campaign.plans[e.plan].version, StepsVersion: p.version, Steps: len(p.steps)}, true
}

// moveEnrollment lets somebody go on with a version; when their next step is due stays as it is.
func (o *Organization) moveEnrollment(x *Enrollment, version int) {
	for i := range x.campaign.plans {
		if x.campaign.plans[i].version == version {
			x.campaign.plans[x.plan].active--
			x.plan = uint16(i)
			x.campaign.plans[i].active++
			return
		}
	}
}
