package commands_test

import (
	"fmt"
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var organizationRef = events.OrganizationRef{OrganizationID: org} //nolint:gochecknoglobals // a constant

func statusBy(cause, status, reason string, next events.StatusStep) events.OrganizationStatusChanged {
	return events.OrganizationStatusChanged{OrganizationRef: organizationRef, Status: status, Reason: reason, Cause: cause, Next: next}
}

func step(status string, at time.Time) events.StatusStep {
	return events.StatusStep{Status: status, At: at}
}

func TestATrialEndsByItself(t *testing.T) {
	t.Parallel()
	ends := anchor.AddDate(0, 0, 14)
	reminded := func(days int) events.OrganizationTrialReminded {
		return events.OrganizationTrialReminded{OrganizationRef: organizationRef, DaysLeft: days, EndsAt: ends}
	}
	over := events.OrganizationTrialEnded{OrganizationRef: organizationRef}
	suspended := statusBy("trial", "suspended", "the trial has ended", events.StatusStep{})
	chosen := events.OrganizationPlanChanged{OrganizationRef: organizationRef, Plan: "starter", Limits: limits}
	short := created()
	short.TrialEndsAt = anchor.AddDate(0, 0, 2)
	kit().Run(t, map[string]estest.Case{
		"its first reminder is due":      {When: createOrganization(), At: anchor, Then: given(), Due: ptr(ends.AddDate(0, 0, -3)), Again: estest.NothingToDo()},
		"three days before":              {Given: given(), At: ends.AddDate(0, 0, -3), When: commands.AdvanceClock{}, Then: facts{reminded(3)}, Due: ptr(ends.AddDate(0, 0, -1)), Again: estest.NothingToDo()},
		"not a moment sooner":            {Given: given(), At: ends.AddDate(0, 0, -3).Add(-time.Microsecond), When: commands.AdvanceClock{}, Noop: true},
		"a day before":                   {Given: given(reminded(3)), At: ends.AddDate(0, 0, -1), When: commands.AdvanceClock{}, Then: facts{reminded(1)}, Due: &ends, Again: estest.NothingToDo()},
		"a late clock says one":          {Given: given(), At: ends.Add(-time.Hour), When: commands.AdvanceClock{}, Then: facts{reminded(1)}, Due: &ends, Again: estest.NothingToDo()},
		"a short one has fewer":          {Given: facts{short}, At: anchor, When: commands.AdvanceClock{}, Noop: true, Due: ptr(anchor.AddDate(0, 0, 1))},
		"sending stops at its end":       {Given: given(), At: ends, When: commands.AdvanceClock{}, Then: facts{over, suspended}, Again: estest.NothingToDo()},
		"nothing is said of one over":    {Given: given(over), At: ends.Add(-time.Hour), When: commands.AdvanceClock{}, Noop: true},
		"its own plan can be chosen":     {Given: given(), At: anchor, When: commands.ChangePlan{Plan: "starter", Limits: limits}, Then: facts{chosen}, Due: &ends, Again: estest.NothingToDo()},
		"with a plan it isn't spoken of": {Given: given(chosen), At: ends.AddDate(0, 0, -3), When: commands.AdvanceClock{}, Noop: true},
		"with a plan all goes on":        {Given: given(chosen), At: ends, When: commands.AdvanceClock{}, Then: facts{over}, Again: estest.NothingToDo()},
		"a plan after its end goes on": {Given: given(over, suspended), At: ends.AddDate(0, 1, 0), When: commands.ChangePlan{Plan: "starter", Limits: limits},
			Then: facts{chosen, statusBy("trial", "active", "a plan was chosen", events.StatusStep{})}, Again: estest.NothingToDo()},
		"a plan lifts no suspension by an operator": {Given: given(over, status("suspended")), At: ends, When: commands.ChangePlan{Plan: "growth", Limits: limits},
			Then: facts{events.OrganizationPlanChanged{OrganizationRef: organizationRef, Plan: "growth", Limits: limits}}, Again: estest.NothingToDo()},
		"who is suspended stays so": {Given: given(status("suspended")), At: ends, When: commands.AdvanceClock{}, Then: facts{over}, Again: estest.NothingToDo()},
	})
}

func TestAnOverduePayment(t *testing.T) {
	t.Parallel()
	over := events.OrganizationTrialEnded{OrganizationRef: organizationRef}
	at := anchor.AddDate(0, 0, 20)
	grace, end := at.AddDate(0, 0, 7), at.AddDate(0, 0, 67)
	pastDue := statusBy("payment", "past_due", "the card was declined", step("suspended", grace))
	suspended := statusBy("payment", "suspended", "payment is overdue", step("cancelled", end))
	cancelled := statusBy("payment", "cancelled", "payment is overdue", events.StatusStep{})
	paid := statusBy("payment", "active", "paid", events.StatusStep{})
	period := func(n int) events.UsagePeriodStarted {
		to := anchor
		var from time.Time
		for range n + 1 {
			from, to = aggregates.PeriodAt(anchor, to)
		}
		return events.UsagePeriodStarted{OrganizationRef: organizationRef, From: from, To: to}
	}
	kit().Run(t, map[string]estest.Case{
		"begins a grace":                 {Given: given(over), At: at, When: commands.ChangeStatus{Status: "past_due", Reason: "the card was declined", Cause: "payment"}, Then: facts{pastDue}, Due: &grace, Again: estest.NothingToDo()},
		"stops nothing in it":            {Given: given(over, pastDue), At: grace.Add(-1), When: commands.AdvanceClock{}, Noop: true},
		"stops sending after it":         {Given: given(over, pastDue), At: grace, When: commands.AdvanceClock{}, Then: facts{suspended}, Again: estest.NothingToDo()},
		"that comes lets it go on":       {Given: given(over, pastDue, suspended), At: grace.AddDate(0, 0, 1), When: commands.ChangeStatus{Status: "active", Reason: "paid", Cause: "payment"}, Then: facts{paid}, Due: ptr(period(1).From), Again: estest.NothingToDo()},
		"that came in time is forgotten": {Given: given(over, pastDue, paid), At: grace, When: commands.AdvanceClock{}, Noop: true},
		"ends it in the end": {Given: given(over, pastDue, suspended, period(1), period(2)), At: end, When: commands.AdvanceClock{},
			Then: facts{cancelled, deletion(end)}, Again: estest.NothingToDo()},
		"an operator's grace ends alike": {Given: given(over, statusBy("operator", "past_due", "", step("suspended", grace))), At: grace, When: commands.AdvanceClock{},
			Then: facts{statusBy("operator", "suspended", "payment is overdue", events.StatusStep{})}, Again: estest.NothingToDo()},
		"a cause is one of three": {Given: given(), When: commands.ChangeStatus{Status: "suspended", Cause: "mood"}, Refused: "invalid"},
	})
}

func TestLimitsAreWarnedOf(t *testing.T) {
	t.Parallel()
	over := events.OrganizationTrialEnded{OrganizationRef: organizationRef}
	five := func() events.OrganizationPlanChanged {
		l := limits
		l.LeadsPerMonth, l.LeadsStored = events.NoLimit, 5
		return events.OrganizationPlanChanged{OrganizationRef: organizationRef, Plan: "starter", Limits: l}
	}()
	with := func(n int, more ...es.Payload) facts {
		all := given(over, five)
		for i := range n {
			all = append(all, events.LeadCreated{LeadRef: events.LeadRef{LeadID: leadID(fmt.Sprint(i))}, AddressHash: h(fmt.Sprint(i)), DomainHash: "d", Source: "api"})
		}
		return append(all, more...)
	}
	at := anchor.AddDate(0, 0, 1)
	warned := func(used int64, percent int) events.QuotaWarned {
		return events.QuotaWarned{OrganizationRef: organizationRef, Limit: "leads_stored", Used: used, Max: 5, Percent: percent, Plan: "starter", From: anchor}
	}
	_, next := aggregates.PeriodAt(anchor, anchor)
	_, after := aggregates.PeriodAt(anchor, next)
	later := warned(4, 80)
	later.From = next
	kit().Run(t, map[string]estest.Case{
		"anew in the next period": {Given: with(4, warned(4, 80), events.UsagePeriodStarted{OrganizationRef: organizationRef, From: next, To: after}), At: next, When: commands.AdvanceClock{}, Then: facts{later}, Again: estest.NothingToDo()},
		"not below four fifths":   {Given: with(3), At: at, When: commands.AdvanceClock{}, Noop: true},
		"at four fifths":          {Given: with(4), At: at, When: commands.AdvanceClock{}, Then: facts{warned(4, 80)}, Again: estest.NothingToDo()},
		"at all of it":            {Given: with(5), At: at, When: commands.AdvanceClock{}, Then: facts{warned(5, 100)}, Again: estest.NothingToDo()},
		"once each":               {Given: with(5, warned(4, 80)), At: at, When: commands.AdvanceClock{}, Then: facts{warned(5, 100)}, Again: estest.NothingToDo()},
		"not of less after all":   {Given: with(4, warned(5, 100)), At: at, When: commands.AdvanceClock{}, Noop: true},
		"anew with another plan":  {Given: with(4, warned(4, 80), five), At: at, When: commands.AdvanceClock{}, Then: facts{warned(4, 80)}, Again: estest.NothingToDo()},
	})
}
