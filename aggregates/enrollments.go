package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) started(e events.EnrollmentStarted) {
	if c, l := o.Campaigns[e.CampaignID], o.Leads.byID[e.LeadID]; c != nil && l != nil && !c.Has(e.LeadID) {
		if c.enrolled == nil {
			c.enrolled = map[uuid.UUID]*Enrollment{}
		}
		x := &Enrollment{lead: l, campaign: c, order: o.pacing.nextSerial(), plan: uint16(len(c.plans) - 1)}
		c.enrolled[e.LeadID] = x
		c.active++
		l.Enrollments++
		o.place(x)
		o.timeCampaign(c)
	}
}

func (o *Organization) applyEnrollment(event events.Event) {
	switch e := event.(type) {
	case events.EnrollmentStarted:
		o.started(e)
	case events.EnrollmentPaused:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.unplace(x)
			o.pacing.resumes.remove(x)
			x.set(enrollmentPaused, true)
			if x.until = micros(e.Until); x.until != 0 {
				o.pacing.resumes.insert(x)
			}
			if x.message != nil && x.message.state == messageScheduled {
				o.unslot(x.message)
			}
		})
	case events.EnrollmentResumed:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.pacing.resumes.remove(x)
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
			o.pacing.companies.wait(x)
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
	o.pacing.resumes.remove(e)
	if e.is(enrollmentDeferred) {
		o.pacing.companies.unwait(e)
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
	for _, c := range o.pacing.campaigns {
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
