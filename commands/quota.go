package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// quotaUse counts how much of a limit one command uses.
type quotaUse struct {
	limit           string
	used, max       int64
	requested, lack int64
}

// leadsStored is what an organisation's leads take of its plan.
func leadsStored(o *aggregates.Organization) quotaUse {
	return quotaUse{limit: events.LimitLeadsStored, used: int64(o.Leads.Len()), max: o.Limits.LeadsStored}
}

// importsAtOnce is how many files are read at a time, those that are taken out again included.
func importsAtOnce(o *aggregates.Organization) quotaUse {
	return quotaUse{limit: events.LimitImportsAtOnce, used: int64(o.Imports.Open()), max: o.Limits.ImportsAtOnce}
}

// takePlace uses one unit if the limit has one left.
func (q *quotaUse) takePlace() bool {
	q.requested++
	if q.max != events.NoLimit && q.used >= q.max {
		q.lack++
		return false
	}
	q.used++
	return true
}

func (q *quotaUse) isExceeded() bool { return q.lack > 0 }

func (q *quotaUse) refusalDetail(o *aggregates.Organization) events.QuotaDetail {
	return events.QuotaDetail{Limit: q.limit, Used: q.used, Max: q.max, Requested: q.requested, Plan: o.Plan}
}

func (q *quotaUse) refusedEvent(now time.Time, o *aggregates.Organization) events.QuotaRefused {
	return events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, QuotaDetail: q.refusalDetail(o), At: now}
}

// mayRecord reports whether a quota.refused may be recorded: there is at most one per minute, whatever a caller does.
func (q *quotaUse) mayRecord(now time.Time, o *aggregates.Organization) bool {
	last := o.RefusedAt(q.limit)
	return last.IsZero() || now.Sub(last) >= time.Minute
}

// refuseCommand refuses the whole command, with a quota.refused event or, within a minute of the last one, with the same code and detail.
func (q *quotaUse) refuseCommand(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if q.mayRecord(now, o) {
		return oneEvent(q.refusedEvent(now, o))
	}
	return nil, es.Refuse(CodeQuotaExceeded, q.refusalDetail(o))
}
