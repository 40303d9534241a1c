package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// AdvanceClock tells the organisation the time; the kernel sends it when something is due.
type AdvanceClock struct{}

func (AdvanceClock) CommandType() string { return es.AdvanceClockType }

// maxPeriods bounds the events of one tick; after a long rest the next tick continues.
const maxPeriods = 24

// Decide ends the trial, starts each billing period that has begun since the last one, and paces the sending. Every
// event moves Due. An organisation whose time to be restored is over ends.
func (AdvanceClock) Decide(now time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	if o.EraseDue(now) {
		return oneEvent(events.OrganizationDeleted{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}})
	}
	if o.Trial.OverAt(now) {
		out = append(out, events.OrganizationTrialEnded{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}})
	}
	next := o.PeriodTo
	for n := 0; n < maxPeriods && !now.Before(next); n++ {
		from, to := aggregates.PeriodAt(o.BillingAnchor, next)
		out = append(out, events.UsagePeriodStarted{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, From: from, To: to})
		next = to
	}
	return append(out, o.Pace(now)...), nil
}
