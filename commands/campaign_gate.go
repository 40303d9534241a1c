package commands

import (
	"slices"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// Lack is one thing that a campaign is missing.
type Lack = events.Lack

// refuseUnready is the gate for commands that let a campaign send: it refuses a campaign that lacks anything.
func refuseUnready(now time.Time, o *aggregates.Organization, is *aggregates.Campaign, as aggregates.Readiness) error {
	if lacks := o.LacksOf(as, now); len(lacks) > 0 {
		return refuseNotReady(is, lacks)
	}
	return nil
}

// keepReady is the gate for commands that change something the launch checked: a live campaign may lack nothing afterwards that it
// didn't lack before. What it lacks already, say because a mailbox was suspended, doesn't prevent other changes.
func keepReady(now time.Time, o *aggregates.Organization, is *aggregates.Campaign, change func(*aggregates.Readiness)) error {
	if !is.Live() {
		return nil
	}
	r := o.ReadinessOf(is)
	before := o.LacksOf(r, now)
	change(&r)
	return refuseNewLacks(is, before, o.LacksOf(r, now))
}

func refuseNewLacks(is *aggregates.Campaign, before, after []Lack) error {
	after = slices.DeleteFunc(after, func(l Lack) bool { return slices.Contains(before, l) })
	if len(after) > 0 {
		return refuseNotReady(is, after)
	}
	return nil
}

// keepAllReady is keepReady for changes of the organisation.
func keepAllReady(now time.Time, o *aggregates.Organization, change func(*aggregates.Readiness)) error {
	for _, is := range o.LiveCampaigns() {
		if err := keepReady(now, o, is, change); err != nil {
			return err
		}
	}
	return nil
}

func refuseStatus(c *aggregates.Campaign) error {
	return refuseAbout(c.ID, CodeWrongStatus, detailStatus{c.ID, c.Status})
}

func refuseNotReady(c *aggregates.Campaign, lacks []Lack) error {
	return refuseAbout(c.ID, CodeNotReady, detailMissing{c.ID, lacks})
}
