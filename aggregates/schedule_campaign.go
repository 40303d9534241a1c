package aggregates

import (
	"slices"
	"time"

	"outrider/events"
)

func (o *Organization) setStatus(c *Campaign, status string) {
	c.Status = status
	for _, m := range o.Mailboxes.order {
		if status != events.CampaignIsActive {
			m.takeSlotsBack(c)
		}
		if m.writesFor(c) || m.inFlight == 0 {
			o.wakeMailbox(m, soon)
		}
	}
}

// writesFor reports whether a mailbox writes to new people of a campaign, or has written to people on it.
func (m *Mailbox) writesFor(c *Campaign) bool {
	return slices.Contains(m.campaigns, c) || slices.ContainsFunc(m.lines, func(l *waitingLine) bool { return l.campaign == c })
}

// wakeMailboxesOf makes the mailboxes of a campaign due whose settings have changed.
func (o *Organization) wakeMailboxesOf(c *Campaign) {
	if c.Status != events.CampaignIsActive {
		return
	}
	for _, m := range o.Mailboxes.order {
		if m.writesFor(c) {
			o.wakeMailbox(m, soon)
		}
	}
}

// wakeIdleMailboxesOf wakes the mailboxes that had nobody to write to.
func (o *Organization) wakeIdleMailboxesOf(c *Campaign) {
	if c.Status != events.CampaignIsActive {
		return
	}
	for _, m := range c.mailboxes {
		if m.wantsLeads {
			m.wantsLeads = false
			o.wakeMailbox(m, soon)
		}
	}
}

// scheduleCampaign sets when a campaign must be looked at: at its end, when nobody is left on it, when what it lacks differs from
// what is recorded, and while there are people left to stop after its completion.
func (o *Organization) scheduleCampaign(c *Campaign) {
	at := int64(0)
	switch {
	case c.nobodyLeft(), c.admitting, c.Live() && !c.told, c.Status == events.CampaignIsCompleted && c.Active() > 0:
		at = soon
	case c.Live():
		at = toMicros(o.endOf(c))
	}
	o.pacing.timers.setTimer(&c.wake, at)
}

// nobodyLeft reports whether all enrollments of a campaign have ended.
func (c *Campaign) nobodyLeft() bool {
	return c.Status == events.CampaignIsActive && c.Active() == 0 && c.enrolled > 0 && !c.Settings.KeepOpen
}

// endOf returns the first instant after the last day of a campaign; zero = it has no end.
func (o *Organization) endOf(c *Campaign) time.Time { return o.dayOf(c, c.EndDate, 1) }

// startOf returns the first instant of a campaign's first day; zero = it begins with its launch.
func (o *Organization) startOf(c *Campaign) time.Time { return o.dayOf(c, c.StartDate, 0) }

func (o *Organization) dayOf(c *Campaign, date string, plus int) time.Time {
	if date == "" {
		return time.Time{}
	}
	loc := o.zones.firstLocation(c.zone, o.zones.home)
	t, err := time.ParseInLocation(time.DateOnly, date, loc)
	if err != nil {
		return time.Time{}
	}
	return startOfDay(t.Add(12*time.Hour), plus, loc)
}
