package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) startEnrollment(e events.EnrollmentStarted) {
	if c, l := o.Campaigns[e.CampaignID], o.Leads.byID[e.LeadID]; c != nil && l != nil && !c.Has(l) {
		x := &Enrollment{lead: l, campaign: c, order: o.pacing.nextSerial(), plan: uint16(len(c.plans) - 1)}
		o.addEnrollment(x)
		c.newestPlan().active++
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
			if x.hasFlag(enrollmentDeferred) {
				return
			}
			o.takeOutOfLine(x)
			x.setFlag(enrollmentDeferred, true)
			o.pacing.companies.addWaiting(x)
		})
	case events.EnrollmentStopped:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) { o.endEnrollment(x, e.Reason) })
	case events.EnrollmentCompleted:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) { o.endEnrollment(x, endCompleted) })
	case events.EnrollmentMoved:
		o.onEnrollment(e.CampaignID, e.LeadID, func(x *Enrollment) { o.moveEnrollment(x, e.StepsVersion) })
	case events.EnrollmentHandedOver:
		o.onEnrollment(e.CampaignID, e.LeadID, o.handOver)
	case events.EnrollmentContinued:
		o.continueEnrollment(e)
	}
}

func (o *Organization) onEnrollment(campaign, lead uuid.UUID, do func(*Enrollment)) {
	if c := o.Campaigns[campaign]; c != nil {
		if e := c.Enrollment(o.Leads.byID[lead]); e != nil {
			do(e)
		}
	}
}

// endEnrollment removes an enrollment from all that refers to it. A claimed message stays until its result is known.
func (o *Organization) endEnrollment(e *Enrollment, reason string) {
	o.takeOutOfLine(e)
	o.pacing.resumes.removeEnrollment(e)
	if e.hasFlag(enrollmentDeferred) {
		o.pacing.companies.removeWaiting(e)
	}
	if e.message != nil && !e.message.mayHaveLeft() {
		o.forgetMessage(e.message)
	}
	e.setFlag(enrollmentEnded, true)
	o.rememberReceived(e, e.lead.Address, reason)
	c := e.campaign
	o.endAmongLeads(e)
	c.plans[e.plan].active--
	o.leaveCompany(e)
	o.scheduleCampaign(c)
}

// placeInLine puts an enrollment into the line in which it waits for its next step.
func (o *Organization) placeInLine(e *Enrollment) {
	if e.message != nil || e.hasFlag(enrollmentPaused|enrollmentDeferred|enrollmentEnded) || int(e.step) >= len(e.planSteps()) && e.step > 0 || !e.campaign.Takes(e.lead) {
		return
	}
	if e.mailbox != nil && e.mailbox.removed { // by now: any mailbox of the campaign takes over
		e.mailbox = nil
	}
	e.setFlag(enrollmentQueued, true)
	e.held = o.pacing.people.heldSeconds(e)
	if e.mailbox == nil {
		waitingLineOf(&e.campaign.lines, e.campaign, e.lead.Zone).insertEnrollment(e)
		o.wakeIdleMailboxesOf(e.campaign)
		return
	}
	waitingLineOf(&e.mailbox.lines, e.campaign, e.lead.Zone).insertEnrollment(e)
	o.wakeMailbox(e.mailbox, e.dueAt()-horizon)
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

// enrollmentsOf returns a lead's enrollments that have not ended, by campaign.
func (o *Organization) enrollmentsOf(l *Lead) []*Enrollment {
	if l == nil {
		return nil
	}
	return slices.Clone(l.on)
}

// EnrollmentsOf returns the enrollments of a lead that have not ended; see Leads.PersonOf.
func (o *Organization) EnrollmentsOf(lead uuid.UUID) []*Enrollment {
	return o.enrollmentsOf(o.Leads.PersonOf(lead))
}
