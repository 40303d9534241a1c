package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// EnrollmentID follows from campaign and lead.
func EnrollmentID(campaign, lead uuid.UUID) uuid.UUID {
	return es.DeriveID(campaign, "enrollment", lead.String())
}

// Enrollment is a lead on a campaign's sequence. There are many: mind its size.
type Enrollment struct {
	lead     *Lead
	campaign *Campaign
	mailbox  *Mailbox // of the first step; nil = any of the campaign's
	message  *Message // the open one
	due      int64    // of the next step; 0 = at once
	until    int64    // end of the pause; 0 = none by the clock
	order    uint32
	plan     uint16 // which of the campaign's
	step     uint8  // steps sent
	attempt  uint8  // of the next step
	previous uint8  // attempt of the last step + 1; 0 = none was sent
	flags    uint8
}

const (
	enrollmentPaused   = 1 << iota
	enrollmentDeferred // waits for a place at its company
	enrollmentEnded
	enrollmentCounted // among the company's people
	enrollmentQueued  // in a lane
)

func (e *Enrollment) is(flag uint8) bool { return e.flags&flag != 0 }
func (e *Enrollment) set(flag uint8, on bool) {
	e.flags &^= flag
	if on {
		e.flags |= flag
	}
}

// Paused says whether it is paused.
func (e *Enrollment) Paused() bool { return e.is(enrollmentPaused) }

// Step is the number of steps sent.
func (e *Enrollment) Step() int { return int(e.step) }

// Message gives its open message, or nil.
func (e *Enrollment) Message() *Message { return e.message }

// Ref names it.
func (e *Enrollment) Ref() events.EnrollmentRef {
	return events.EnrollmentRef{EnrollmentID: EnrollmentID(e.campaign.ID, e.lead.ID), LeadID: e.lead.ID, CampaignID: e.campaign.ID}
}

func (e *Enrollment) steps() []planStep { return e.campaign.plans[e.plan].steps }

// messageID of a step of it.
func messageID(enrollment, step uuid.UUID, attempt uint8) uuid.UUID {
	return es.DeriveID(enrollment, "message", step.String(), string('0'+rune(attempt)))
}

func (o *Organization) started(e events.EnrollmentStarted) {
	if c, l := o.Campaigns[e.CampaignID], o.Leads.byID[e.LeadID]; c != nil && l != nil && !c.Has(e.LeadID) {
		if c.enrolled == nil {
			c.enrolled = map[uuid.UUID]*Enrollment{}
		}
		x := &Enrollment{lead: l, campaign: c, order: o.next(), plan: uint16(len(c.plans) - 1)}
		c.enrolled[e.LeadID] = x
		c.active++
		l.Enrollments++
		o.place(x)
		o.timeCampaign(c)
	}
	if e.Counted {
		o.count(e.LeadID, e.PeriodFrom)
	}
}

func (o *Organization) applyEnrollment(event events.Event) {
	switch e := event.(type) {
	case events.EnrollmentStarted:
		o.started(e)
	case events.EnrollmentPaused:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.unplace(x)
			o.resumes.remove(x)
			x.set(enrollmentPaused, true)
			if x.until = micros(e.Until); x.until != 0 {
				o.resumes.insert(x)
			}
			if x.message != nil && x.message.state == messageScheduled {
				o.unslot(x.message)
			}
		})
	case events.EnrollmentResumed:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.resumes.remove(x)
			x.set(enrollmentPaused, false)
			x.until = 0
			o.place(x)
			if x.message != nil {
				o.wakeMailbox(x.message.mailbox, soon)
			}
		})
	case events.EnrollmentDeferred:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.unplace(x)
			x.set(enrollmentDeferred, true)
			o.companies.wait(x)
		})
	case events.EnrollmentStopped:
		o.onEnrollment(e.CampaignID, e.LeadID, o.end)
	case events.EnrollmentCompleted:
		o.onEnrollment(e.CampaignID, e.LeadID, o.end)
	}
}

func (o *Organization) onEnrollment(campaign, lead uuid.UUID, do func(*Enrollment)) {
	if c := o.Campaigns[campaign]; c != nil && c.enrolled[lead] != nil {
		do(c.enrolled[lead])
	}
}

// end takes an enrollment out of everything. A message that is claimed stays until its result is known.
func (o *Organization) end(e *Enrollment) {
	o.unplace(e)
	o.resumes.remove(e)
	if e.is(enrollmentDeferred) {
		o.companies.unwait(e)
	}
	if e.message != nil && !e.message.away() {
		o.drop(e.message)
	}
	e.set(enrollmentEnded, true)
	c := e.campaign
	if _, ok := c.enrolled[e.lead.ID]; ok {
		c.enrolled[e.lead.ID] = nil
	}
	c.active--
	o.leave(e)
	o.timeCampaign(c)
}

// place puts an enrollment where it waits for its next step.
func (o *Organization) place(e *Enrollment) {
	if e.message != nil || e.is(enrollmentPaused|enrollmentDeferred|enrollmentEnded) || int(e.step) >= len(e.steps()) && e.step > 0 {
		return
	}
	e.set(enrollmentQueued, true)
	if e.mailbox == nil {
		laneOf(&e.campaign.lanes, e.campaign, e.lead.Zone).insert(e)
		o.wakeCampaign(e.campaign)
		return
	}
	laneOf(&e.mailbox.lanes, e.campaign, e.lead.Zone).insert(e)
	o.wakeMailbox(e.mailbox, e.due-horizon)
}

func (o *Organization) unplace(e *Enrollment) {
	if !e.is(enrollmentQueued) {
		return
	}
	e.set(enrollmentQueued, false)
	lanes := &e.campaign.lanes
	if e.mailbox != nil {
		lanes = &e.mailbox.lanes
	}
	laneOf(lanes, e.campaign, e.lead.Zone).remove(e)
}

// enrollmentsOf gives a lead's enrollments that are not at their end, by campaign.
func (o *Organization) enrollmentsOf(l *Lead) (out []*Enrollment) {
	if l == nil || l.Enrollments == 0 {
		return nil
	}
	for _, c := range o.campaigns {
		if e := c.enrolled[l.ID]; e != nil {
			out = append(out, e)
		}
	}
	return out
}

// EnrollmentsOf gives the enrollments of a lead that are not at their end.
func (o *Organization) EnrollmentsOf(lead uuid.UUID) []*Enrollment {
	return o.enrollmentsOf(o.Leads.byID[lead])
}

// PausedBeyond says whether it is paused by hand, or until then or later.
func (e *Enrollment) PausedBeyond(t time.Time) bool {
	return e.is(enrollmentPaused) && (e.until == 0 || e.until >= micros(t))
}

// BackAt gives when who is out of office is written to again: one business day behind the date, else so many days from
// now.
func (o *Organization) BackAt(now time.Time, e *Enrollment, date string, days int) time.Time {
	loc := o.zoneOf(e)
	t, err := time.ParseInLocation(time.DateOnly, date, loc)
	if err != nil {
		return now.AddDate(0, 0, days)
	}
	return e.campaign.window.After(t.Add(12*time.Hour), loc, 1)
}
