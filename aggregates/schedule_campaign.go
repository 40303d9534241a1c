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

// writesFor reports whether a mailbox writes to new people of a campaign, or has people in it.
func (m *Mailbox) writesFor(c *Campaign) bool {
	return slices.Contains(m.campaigns, c) || slices.ContainsFunc(m.lines, func(l *waitingLine) bool { return l.campaign == c })
}

// wakeMailboxesOf wakes whoever waits by settings that have changed.
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

// scheduleCampaign sets when a campaign must be looked at: at its end, when nobody is left in it, and while there are people
// to stop behind its completion.
func (o *Organization) scheduleCampaign(c *Campaign) {
	at := int64(0)
	switch {
	case c.nobodyLeft(), c.Status == events.CampaignIsCompleted && c.active > 0:
		at = soon
	case c.Live():
		at = toMicros(o.endOf(c))
	}
	o.pacing.timers.setTimer(&c.wake, at)
}

// nobodyLeft says that a campaign is done with everybody.
func (c *Campaign) nobodyLeft() bool {
	return c.Live() && c.active == 0 && len(c.enrolled) > 0 && !c.Settings.KeepOpen
}

// endOf returns the first instant behind the last day of a campaign; zero = it has no end.
func (o *Organization) endOf(c *Campaign) time.Time { return o.dayOf(c, c.end, 1) }

// startOf returns the first instant of a campaign's first day; zero = it begins with its launch.
func (o *Organization) startOf(c *Campaign) time.Time { return o.dayOf(c, c.start, 0) }

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
