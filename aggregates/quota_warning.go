package aggregates

import (
	"outrider/events"
)

// What of a limit is warned of, in percent.
const (
	warnFirst = 80
	warnAll   = 100
)

// warnedLimits are those that are used up without anybody noticing. Who adds a mailbox or a member sees what is left of those.
func (o *Organization) warnedLimits() [3]events.QuotaWarned {
	from := o.PeriodFrom
	return [...]events.QuotaWarned{
		{Limit: events.LimitLeads, Used: o.LeadsUsed(from), Max: o.LeadsAllowed(from), From: from},
		{Limit: events.LimitAIBudget, Used: o.AI.SpentMicros(from, events.AIProviderPlatform), Max: o.Limits.AIBudgetMicros, From: from},
		{Limit: events.LimitLeadsStored, Used: int64(o.Leads.Len()), Max: o.Limits.LeadsStored, From: from},
	}
}

// percentDue returns the percentage of a limit that is used and was not warned of in this period; 0 = none.
func (o *Organization) percentDue(l *events.QuotaWarned) int {
	percent := 0
	switch {
	case l.Max <= 0: // there is none, or nothing to use
	case l.Used >= l.Max:
		percent = warnAll
	case l.Used*100 >= l.Max*warnFirst:
		percent = warnFirst
	}
	if percent <= o.warned[l.Limit] {
		return 0
	}
	return percent
}

func (o *Organization) warningIsDue() bool {
	limits := o.warnedLimits()
	for i := range limits {
		if o.percentDue(&limits[i]) > 0 {
			return true
		}
	}
	return false
}

// QuotaWarnings returns what of limits is to be warned of now.
func (o *Organization) QuotaWarnings() (out []events.QuotaWarned) {
	for _, l := range o.warnedLimits() {
		if l.Percent = o.percentDue(&l); l.Percent > 0 {
			l.OrganizationRef, l.Plan = events.OrganizationRef{OrganizationID: o.ID}, o.Plan
			out = append(out, l)
		}
	}
	return out
}
