package aggregates

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) applyCampaign(event events.CampaignEvent) {
	switch e := event.(type) {
	case events.CampaignCreated:
		o.createCampaign(e)
	case events.CampaignRenamed:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.Name = e.Name })
	case events.CampaignStepsChanged:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.StepsVersion++
			on := c.newestPlan().active // a draft can have enrollments
			c.steps, c.plans = digestOf(e.Steps), []plan{planOf(c.StepsVersion, e.Steps, e.Templates)}
			c.newestPlan().active = on
		})
	case events.CampaignRevised:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.StepsVersion = e.StepsVersion
			c.steps, c.plans = digestOf(e.Steps), append(c.plans, planOf(e.StepsVersion, e.Steps, e.Templates))
		})
	case events.CampaignSettingsChanged:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.settings = true
			capped := c.Settings.CompanyCap
			o.applySettings(c, e.CampaignSettings)
			if e.CompanyCap != capped {
				o.admitDeferred(c)
			}
			o.wakeMailboxesOf(c)
		})
	case events.CampaignUpdated:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			setIfGiven(&c.Type, e.CampaignType)
			setIfGiven(&c.TimeZone, e.TimeZone)
			setIfGiven(&c.StartDate, e.StartDate)
			setIfGiven(&c.EndDate, e.EndDate)
			if e.Approval != nil {
				c.Approval, c.Sample, c.Below = *e.Approval, 0, 0
			}
			c.zone = o.zoneOfCampaign(c)
			o.wakeMailboxesOf(c)
		})
	case events.CampaignApprovalSet:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.Approval, c.Sample, c.Below = e.Approval, e.Sample, e.Below
			o.wakeMailboxesOf(c)
		})
	case events.CampaignMailboxesAssigned:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			o.assignMailboxes(c, e.MailboxIDs)
			o.lookAtReadiness(c)
		})
	case events.CampaignBookingSet:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.Booking = e.CampaignBooking })
	case events.CampaignArchived:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.Archived, c.LaunchRequestedBy = true, "" })
	case events.CampaignUnarchived:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.Archived = false })
	case events.CampaignLaunchRequested:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.LaunchRequestedBy = e.By })
	case events.CampaignLaunchRequestDropped:
		o.onCampaign(e.CampaignID, func(c *Campaign) { c.LaunchRequestedBy = "" })
	case events.CampaignPacingSet:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.setPacing(e.CampaignPacing)
			o.wakeMailboxesOf(c)
		})
	case events.CampaignEntrySet:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.setEntry(c, e.CampaignEntry) })
	case events.CampaignLaunched:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.LaunchRequestedBy = ""
			o.setStatus(c, events.CampaignIsActive)
		})
	case events.CampaignIdled:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.setStatus(c, events.CampaignIsIdle) })
	case events.CampaignReactivated:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.setStatus(c, events.CampaignIsActive) })
	case events.CampaignReadinessChanged:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.missing = e.Missing
			o.lookAtReadiness(c)
		})
	case events.CampaignPaused:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.setStatus(c, events.CampaignIsPaused) })
	case events.CampaignResumed:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.Rate = Rate{}
			o.setStatus(c, events.CampaignIsActive)
		})
	case events.CampaignCompleted:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.setStatus(c, events.CampaignIsCompleted) })
	case events.CampaignDeleted:
		if c := o.Campaigns[e.CampaignID]; c != nil {
			o.assignMailboxes(c, nil)
			o.pacing.timers.setTimer(&c.wake, 0)
			delete(o.Campaigns, e.CampaignID)
			delete(o.pacing.shared.fresh, e.CampaignID)
			o.pacing.campaigns = slices.DeleteFunc(o.pacing.campaigns, func(x *Campaign) bool { return x == c })
		}
	case events.EnrollmentBatchRecorded, events.EnrollmentMovesRecorded: // change nothing here
	}
}

func (o *Organization) onCampaign(id uuid.UUID, do func(*Campaign)) {
	if c := o.Campaigns[id]; c != nil {
		c.Version++
		do(c)
		o.scheduleCampaign(c)
	}
}

// lookAtReadiness finds out whether what a live campaign lacks has changed and must be recorded. Before a launch nothing is recorded.
func (o *Organization) lookAtReadiness(c *Campaign) {
	c.told = !c.Live() || slices.Equal(lacksOfMailboxes(c.mailboxes), c.missing)
	o.scheduleCampaign(c)
}

func (o *Organization) createCampaign(e events.CampaignCreated) {
	if o.Campaigns == nil {
		o.Campaigns = Campaigns{}
	}
	c := &Campaign{ID: e.CampaignID, Name: e.Name, Type: e.CampaignType, Status: events.CampaignIsDraft, Version: 1, StepsVersion: 1, created: digestCreated(e), steps: digestOf(e.Steps),
		Approval: e.Approval, TimeZone: e.TimeZone, StartDate: e.StartDate, EndDate: e.EndDate, plans: []plan{planOf(1, e.Steps, e.Templates)}, people: queue{by: byEnrolled}, deferred: queue{by: byEnrolled}, told: true}
	c.wake = timer{order: o.pacing.nextSerial(), campaign: c}
	o.applySettings(c, DefaultSettings())
	o.Campaigns[e.CampaignID] = c
	o.pacing.campaigns = append(o.pacing.campaigns, c)
}

func (o *Organization) applySettings(c *Campaign, s events.CampaignSettings) {
	c.Settings, c.window = s, NewWindow(s.Window, s.Holidays)
	c.readWindows()
	c.zone = o.zoneOfCampaign(c)
}

// zoneOfCampaign is the zone of its settings, or else its own.
func (o *Organization) zoneOfCampaign(c *Campaign) uint16 {
	return o.zones.refOf(cmp.Or(c.Settings.TimeZone, c.TimeZone))
}

func (o *Organization) assignMailboxes(c *Campaign, ids []uuid.UUID) {
	for _, m := range c.mailboxes {
		m.campaigns = slices.DeleteFunc(m.campaigns, func(x *Campaign) bool { return x == c })
	}
	c.mailboxes = nil
	for _, id := range ids {
		if m := o.Mailboxes.byID[id]; m != nil {
			c.mailboxes, m.campaigns = append(c.mailboxes, m), append(m.campaigns, c)
			o.wakeMailbox(m, soon)
		}
	}
}
