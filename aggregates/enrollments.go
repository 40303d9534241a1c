package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) startEnrollment(e events.EnrollmentStarted) {
	if c, l := o.Campaigns[e.CampaignID], o.Leads.byID[e.LeadID]; c != nil && l != nil && !c.Has(e.LeadID) {
		if c.enrolled == nil {
			c.enrolled = map[uuid.UUID]*Enrollment{}
		}
		x := &Enrollment{lead: l, campaign: c, order: o.pacing.nextSerial(), plan: uint16(len(c.plans) - 1)}
		c.enrolled[e.LeadID] = x
		c.active++
		l.Enrollments++
		o.placeInLine(x)
		o.scheduleCampaign(c)
	}
}

func (o *Organization) applyEnrollment(event events.EnrollmentEvent) {
	switch e := event.(type) {
	case events.EnrollmentStarted:
		o.startEnrollment(e)
	case events.EnrollmentPaused:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.takeOutOfLine(x)
			o.pacing.resumes.removeEnrollment(x)
			x.setFlag(enrollmentPaused, true)
			if x.until = toMicros(e.Until); x.until != 0 {
				o.pacing.resumes.insertEnrollment(x)
			}
			if x.message != nil && x.message.state == messageScheduled {
				o.takeSlotBack(x.message)
			}
		})
	case events.EnrollmentResumed:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.pacing.resumes.removeEnrollment(x)
			x.setFlag(enrollmentPaused, false)
			x.until = 0
			o.placeInLine(x)
			if x.message != nil {
				o.wakeMailbox(x.message.mailbox, soon)
			}
		})
	case events.EnrollmentDeferred:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) {
			o.takeOutOfLine(x)
			x.setFlag(enrollmentDeferred, true)
			o.pacing.companies.addWaiting(x)
		})
	case events.EnrollmentStopped:
		o.onEnrollment(e.CampaignID, e.LeadID, o.endEnrollment)
	case events.EnrollmentCompleted:
		o.onEnrollment(e.CampaignID, e.LeadID, o.endEnrollment)
	}
}

func (o *Organization) onEnrollment(campaign, lead uuid.UUID, do func(*Enrollment)) {
	if c := o.Campaigns[campaign]; c != nil && c.enrolled[lead] != nil {
		do(c.enrolled[lead])
	}
}

// endEnrollment takes an enrollment out of everything. A message that is claimed stays until its result is known.
func (o *Organization) endEnrollment(e *Enrollment) {
	o.takeOutOfLine(e)
	o.pacing.resumes.removeEnrollment(e)
	if e.hasFlag(enrollmentDeferred) {
		o.pacing.companies.removeWaiting(e)
	}
	if e.message != nil && !e.message.mayHaveLeft() {
		o.forgetMessage(e.message)
	}
	e.setFlag(enrollmentEnded, true)
	c := e.campaign
	if _, ok := c.enrolled[e.lead.ID]; ok {
		c.enrolled[e.lead.ID] = nil
	}
	c.active--
	o.leaveCompany(e)
	o.scheduleCampaign(c)
}

// placeInLine puts an enrollment where it waits for its next step.
func (o *Organization) placeInLine(e *Enrollment) {
	if e.message != nil || e.hasFlag(enrollmentPaused|enrollmentDeferred|enrollmentEnded) || int(e.step) >= len(e.planSteps()) && e.step > 0 {
		return
	}
	e.setFlag(enrollmentQueued, true)
	if e.mailbox == nil {
		waitingLineOf(&e.campaign.lines, e.campaign, e.lead.Zone).insertEnrollment(e)
		o.wakeIdleMailboxesOf(e.campaign)
		return
	}
	waitingLineOf(&e.mailbox.lines, e.campaign, e.lead.Zone).insertEnrollment(e)
	o.wakeMailbox(e.mailbox, e.due-horizon)
}

func (o *Organization) takeOutOfLine(e *Enrollment) {
	if !e.hasFlag(enrollmentQueued) {
		return
	}
	e.setFlag(enrollmentQueued, false)
	lines := &e.campaign.lines
	if e.mailbox != nil {
		lines = &e.mailbox.lines
	}
	waitingLineOf(lines, e.campaign, e.lead.Zone).removeEnrollment(e)
}

// enrollmentsOf returns a lead's enrollments that are not at their end, by campaign.
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

// EnrollmentsOf returns the enrollments of a lead that are not at their end.
func (o *Organization) EnrollmentsOf(lead uuid.UUID) []*Enrollment {
	return o.enrollmentsOf(o.Leads.byID[lead])
}
