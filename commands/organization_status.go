package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// How long an organisation has each status before the next one comes by itself.
const (
	GraceDays     = 7  // of payment: everything goes on
	SuspendedDays = 60 // for want of payment: reading and exports go on
)

// ChangeStatus comes from billing or an operator.
type ChangeStatus struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
	Cause  string `json:"cause"` // one of events.Cause...; "" = an operator
}

func (ChangeStatus) CommandType() string { return "organization.change_status.v2" }

// Decide allows every change between the four.
func (c ChangeStatus) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch c.Status {
	case o.Status:
		return nil, nil
	case events.StatusActive, events.StatusPastDue, events.StatusSuspended, events.StatusCancelled:
	default:
		return nil, errInvalid("status", "must be active, past_due, suspended or cancelled")
	}
	switch c.Cause {
	case "":
		c.Cause = events.CauseOperator
	case events.CauseOperator, events.CauseTrial, events.CausePayment:
	default:
		return nil, errInvalid("cause", "must be operator, trial or payment")
	}
	if err := checkText("reason", c.Reason, 0, 500); err != nil {
		return nil, err
	}
	return oneEvent(statusChange(now, o, c.Status, c.Reason, c.Cause))
}

// statusChange says what follows by itself: a grace, after which nothing is sent, and where payment is missing the end.
func statusChange(now time.Time, o *aggregates.Organization, status, reason, cause string) events.OrganizationStatusChanged {
	e := events.OrganizationStatusChanged{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Status: status, Reason: reason, Cause: cause}
	switch {
	case status == events.StatusPastDue:
		e.Next = events.StatusStep{Status: events.StatusSuspended, At: now.AddDate(0, 0, GraceDays)}
	case status == events.StatusSuspended && cause == events.CausePayment:
		e.Next = events.StatusStep{Status: events.StatusCancelled, At: now.AddDate(0, 0, SuspendedDays)}
	}
	return e
}

// advanceAccount says what time brings to the trial and to the status, and reports whether nothing may be sent from here on.
func advanceAccount(now time.Time, o *aggregates.Organization) (out []events.Event, stopped bool) {
	ref := events.OrganizationRef{OrganizationID: o.ID}
	if o.Trial.OverAt(now) {
		out = append(out, events.OrganizationTrialEnded{OrganizationRef: ref})
		if !o.Trial.Chosen && !aggregates.IsStopped(o.Status) {
			return append(out, statusChange(now, o, events.StatusSuspended, "the trial has ended", events.CauseTrial)), true
		}
	} else if days := o.Trial.ReminderDue(now); days > 0 {
		out = append(out, events.OrganizationTrialReminded{OrganizationRef: ref, DaysLeft: days, EndsAt: o.Trial.EndsAt})
	}
	if !o.StatusDue(now) {
		return out, false
	}
	step := statusChange(now, o, o.NextStatus.Status, "payment is overdue", o.StatusCause)
	out = append(out, step)
	if step.Status == events.StatusCancelled { // what is kept of people goes with it, after the time in which it can be restored
		out = append(out, events.OrganizationDeletionRequested{OrganizationRef: ref, EraseAt: now.AddDate(0, 0, DeletionDays)})
	}
	return out, aggregates.IsStopped(step.Status)
}
