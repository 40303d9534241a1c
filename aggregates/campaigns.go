package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

func (o *Organization) applyCampaign(event events.Event) {
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
			c.set(e.CampaignSettings)
			if z := o.zones.ref(e.TimeZone); z != 0 {
				c.zone = z
			}
			o.reconsider(c)
		})
	case events.CampaignMailboxesAssigned:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.assign(c, e.MailboxIDs) })
	case events.CampaignLaunched:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.templates = nil
			o.runs(c, events.CampaignIsActive)
		})
	case events.CampaignPaused:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.runs(c, events.CampaignIsPaused) })
	case events.CampaignResumed:
		o.onCampaign(e.CampaignID, func(c *Campaign) {
			c.Rate = Rate{}
			o.runs(c, events.CampaignIsActive)
		})
	case events.CampaignCompleted:
		o.onCampaign(e.CampaignID, func(c *Campaign) { o.runs(c, events.CampaignIsCompleted) })
	case events.CampaignDeleted:
		if c := o.Campaigns[e.CampaignID]; c != nil {
			o.assign(c, nil)
			o.timers.set(&c.wake, 0)
			delete(o.Campaigns, e.CampaignID)
			o.campaigns = slices.DeleteFunc(o.campaigns, func(x *Campaign) bool { return x == c })
		}
	}
}

func (o *Organization) onCampaign(id uuid.UUID, do func(*Campaign)) {
	if c := o.Campaigns[id]; c != nil {
		c.Version++
		do(c)
		o.timeCampaign(c)
	}
}

func (o *Organization) createCampaign(e events.CampaignCreated) {
	if o.Campaigns == nil {
		o.Campaigns = map[uuid.UUID]*Campaign{}
	}
	c := &Campaign{ID: e.CampaignID, Name: e.Name, Type: e.CampaignType, Status: events.CampaignIsDraft, Version: 1, StepsVersion: 1, created: digestCreated(e), steps: digest(e.Steps),
		approval: e.Approval, zone: o.zones.ref(e.TimeZone), start: e.StartDate, end: e.EndDate, plans: []plan{planOf(1, e.Steps)}, templates: e.Templates}
	c.wake = timer{order: o.next(), campaign: c}
	c.set(DefaultSettings())
	o.Campaigns[e.CampaignID] = c
	o.campaigns = append(o.campaigns, c)
}

func (c *Campaign) set(s events.CampaignSettings) {
	c.Settings, c.window = s, NewWindow(s.Window, s.Holidays)
}

func (o *Organization) assign(c *Campaign, ids []uuid.UUID) {
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

func (o *Organization) runs(c *Campaign, status string) {
	c.Status = status
	for _, m := range o.Mailboxes.order {
		if status != events.CampaignIsActive {
			m.unschedule(c)
		}
		if m.writesFor(c) || m.flying == 0 {
			o.wakeMailbox(m, soon)
		}
	}
}

// writesFor says whether a mailbox writes to new people of a campaign, or has people in it.
func (m *Mailbox) writesFor(c *Campaign) bool {
	return slices.Contains(m.campaigns, c) || slices.ContainsFunc(m.lanes, func(l *lane) bool { return l.campaign == c })
}

// reconsider wakes whoever waits by settings that have changed.
func (o *Organization) reconsider(c *Campaign) {
	if c.Status != events.CampaignIsActive {
		return
	}
	for _, m := range o.Mailboxes.order {
		if m.writesFor(c) {
			o.wakeMailbox(m, soon)
		}
	}
}

// wakeCampaign wakes the mailboxes that had nobody to write to.
func (o *Organization) wakeCampaign(c *Campaign) {
	if c.Status != events.CampaignIsActive {
		return
	}
	for _, m := range c.mailboxes {
		if m.hungry {
			m.hungry = false
			o.wakeMailbox(m, soon)
		}
	}
}

// timeCampaign sets when a campaign must be looked at: at its end, when nobody is left in it, and while there are people
// to stop behind its completion.
func (o *Organization) timeCampaign(c *Campaign) {
	at := int64(0)
	switch {
	case c.nobodyLeft(), c.Status == events.CampaignIsCompleted && c.active > 0:
		at = soon
	case c.Live():
		at = micros(o.endOf(c))
	}
	o.timers.set(&c.wake, at)
}

// nobodyLeft says that a campaign is done with everybody.
func (c *Campaign) nobodyLeft() bool {
	return c.Live() && c.active == 0 && len(c.enrolled) > 0 && !c.Settings.KeepOpen
}

// endOf gives the first instant behind the last day of a campaign; zero = it has no end.
func (o *Organization) endOf(c *Campaign) time.Time { return o.dayOf(c, c.end, 1) }

// startOf gives the first instant of a campaign's first day; zero = it begins with its launch.
func (o *Organization) startOf(c *Campaign) time.Time { return o.dayOf(c, c.start, 0) }

func (o *Organization) dayOf(c *Campaign, date string, plus int) time.Time {
	if date == "" {
		return time.Time{}
	}
	loc := o.zones.first(c.zone, o.zone)
	t, err := time.ParseInLocation(time.DateOnly, date, loc)
	if err != nil {
		return time.Time{}
	}
	return startOfDay(t.Add(12*time.Hour), plus, loc)
}
