package aggregates

import (
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
			c.steps, c.plans, c.templates = digest(e.Steps), []plan{planOf(c.StepsVersion, e.Steps)}, e.Templates
		})
	case events.CampaignRevised:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.StepsVersion = e.StepsVersion
			c.steps, c.plans = digest(e.Steps), append(c.plans, planOf(e.StepsVersion, e.Steps))
		})
	case events.CampaignSettingsChanged:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.settings = true
			c.applySettings(e.CampaignSettings)
			if z := o.zones.refOf(e.TimeZone); z != 0 {
				c.zone = z
			}
			o.wakeMailboxesOf(c)
		})
	case events.CampaignMailboxesAssigned:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.assignMailboxes(c, e.MailboxIDs) })
	case events.CampaignLaunched:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.templates = nil
			o.setStatus(c, events.CampaignIsActive)
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
			o.pacing.campaigns = slices.DeleteFunc(o.pacing.campaigns, func(x *Campaign) bool { return x == c })
		}
	case events.EnrollmentBatchRecorded: // change nothing here
	}
}

func (o *Organization) onCampaign(id uuid.UUID, do func(*Campaign)) {
	if c := o.Campaigns[id]; c != nil {
		c.Version++
		do(c)
		o.scheduleCampaign(c)
	}
}

func (o *Organization) createCampaign(e events.CampaignCreated) {
	if o.Campaigns == nil {
		o.Campaigns = Campaigns{}
	}
	c := &Campaign{ID: e.CampaignID, Name: e.Name, Type: e.CampaignType, Status: events.CampaignIsDraft, Version: 1, StepsVersion: 1, created: digestCreated(e), steps: digest(e.Steps),
		approval: e.Approval, zone: o.zones.refOf(e.TimeZone), start: e.StartDate, end: e.EndDate, plans: []plan{planOf(1, e.Steps)}, templates: e.Templates}
	c.wake = timer{order: o.pacing.nextSerial(), campaign: c}
	c.applySettings(DefaultSettings())
	o.Campaigns[e.CampaignID] = c
	o.pacing.campaigns = append(o.pacing.campaigns, c)
}

func (c *Campaign) applySettings(s events.CampaignSettings) {
	c.Settings, c.window = s, NewWindow(s.Window, s.Holidays)
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
