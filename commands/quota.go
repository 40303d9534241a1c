package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// quotaUse counts through one command what it needs of a limit.
type quotaUse struct {
	limit           string
	used, max       int64
	requested, lack int64
}

// takePlace takes a place if there is one.
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

// mayRecord reports whether a quota.refused is due: the log holds one a minute, whatever a caller does.
func (q *quotaUse) mayRecord(now time.Time, o *aggregates.Organization) bool {
	last := o.RefusedAt(q.limit)
	return last.IsZero() || now.Sub(last) >= time.Minute
}

// refuseCommand refuses the whole command, by an event of its own or, within the minute, by the same code and detail.
func (q *quotaUse) refuseCommand(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if q.mayRecord(now, o) {
		return oneEvent(q.refusedEvent(now, o))
	}
	return nil, es.Refuse(CodeQuotaExceeded, q.refusalDetail(o))
}
