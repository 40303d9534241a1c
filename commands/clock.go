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

// extraLeads says how many leads the billing period that is over had beyond the plan, where they were allowed.
func extraLeads(o *aggregates.Organization) []events.Event {
	included := o.LeadsIncluded(o.PeriodFrom)
	extra := min(o.LeadsUsed(o.PeriodFrom)-included, o.Billing.ExtraLeads)
	if included == events.NoLimit || extra <= 0 {
		return nil
	}
	return []events.Event{events.ExtraLeadsCounted{BillingRef: events.BillingRef{OrganizationID: o.ID}, Plan: o.Plan, From: o.PeriodFrom, To: o.PeriodTo, Included: included, Extra: extra}}
}

// maxPeriods bounds the events of one tick; after a long rest the next tick continues.
const maxPeriods = 24

// Decide ends the trial, brings the status that follows, starts each billing period that has begun since the last one, warns of limits, pauses what exceeds the plan,
// retires claims whose time is over, asks what sender domains publish, gives up on language models that nobody has heard of, and paces the sending. Every event moves Due. An organisation whose time to be restored is over ends.
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
	if !now.Before(next) {
		out = append(out, extraLeads(o)...)
	}
	for n := 0; n < maxPeriods && !now.Before(next); n++ {
		from, to := aggregates.PeriodAt(o.BillingAnchor, next)
		out = append(out, events.UsagePeriodStarted{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, From: from, To: to})
		next = to
	}
	if len(out) == 0 { // else with the next tick: what is used belongs to another period now
		for _, warned := range o.QuotaWarnings() {
			out = append(out, warned)
		}
		if fit := o.FitPlan(); len(fit) > 0 {
			return append(out, fit...), nil // what is paused must not be paced
		}
	}
	account, stopped := advanceAccount(now, o)
	if out = append(out, account...); stopped {
		return out, nil
	}
	if out = append(out, expireClaims(now, o)...); len(o.Known.ClaimsOver(now)) > 0 {
		return out, nil // what is said no more must not be paced
	}
	if o.EraseAt.IsZero() && !aggregates.IsStopped(o.Status) {
		out = append(out, runDueReports(now, o)...)
	}
	for _, requested := range o.DomainChecksDue(now) {
		out = append(out, requested)
	}
	out = append(out, loseAICalls(now, o)...)
	if due, is := o.ScoringDue(now); is {
		out = append(out, due)
	}
	return append(out, o.Pace(now)...), nil
}
