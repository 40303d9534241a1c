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

// Decide ends the trial, brings the status that follows, starts each billing period that has begun since the last one, warns of limits, asks what
// sender domains publish, and paces the sending. Every event moves Due. An organisation whose time to be restored is over ends.
func (AdvanceClock) Decide(now time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	if o.ID == es.SystemOrg {
		for _, due := range o.Flags.PhasesDue(now) {
			out = append(out, due)
		}
		return out, nil
	}
	if o.EraseDue(now) {
		return oneEvent(events.OrganizationDeleted{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}})
	}
	next := o.PeriodTo
	for n := 0; n < maxPeriods && !now.Before(next); n++ {
		from, to := aggregates.PeriodAt(o.BillingAnchor, next)
		out = append(out, events.UsagePeriodStarted{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, From: from, To: to})
		next = to
	}
	if len(out) == 0 { // else with the next tick: what is used belongs to another period now
		for _, warned := range o.QuotaWarnings() {
			out = append(out, warned)
		}
	}
	account, stopped := advanceAccount(now, o)
	if out = append(out, account...); stopped {
		return out, nil
	}
	for _, requested := range o.DomainChecksDue(now) {
		out = append(out, requested)
	}
	return append(out, o.Pace(now)...), nil
}
