package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Quota is an organisation's plan and what it has used of it.
type Quota struct {
	Plan          string
	Limits        events.Limits
	BillingAnchor time.Time
	PeriodFrom    time.Time // of the billing period that was recorded last
	PeriodTo      time.Time // its end

	counted     map[uuid.UUID]struct{} // leads processed in the period that began at countedFrom
	countedFrom time.Time
	before      int64 // likewise in the newest period before with any
	beforeFrom  time.Time
	lastRefused map[string]time.Time // by limit: the newest quota.refused
	warned      map[string]int       // by limit: the highest percentage that was warned of in this period
}

// LeadsUsed returns the leads processed in the billing period that began at from.
func (q *Quota) LeadsUsed(from time.Time) int64 {
	switch {
	case from.Equal(q.countedFrom):
		return int64(len(q.counted))
	case from.Equal(q.beforeFrom):
		return q.before
	}
	return 0
}

// LeadCounted reports whether a lead counts as processed in the billing period that began at from. A lead that was removed
// and created again counts once.
func (q *Quota) LeadCounted(lead uuid.UUID, from time.Time) bool {
	if !from.Equal(q.countedFrom) {
		return false
	}
	_, ok := q.counted[lead]
	return ok
}

// RefusedAt returns when quota.refused was last recorded for a limit; zero = never.
func (q *Quota) RefusedAt(limit string) time.Time { return q.lastRefused[limit] }

func (q *Quota) countLead(lead uuid.UUID, from time.Time) {
	if !from.Equal(q.countedFrom) {
		q.before, q.beforeFrom = int64(len(q.counted)), q.countedFrom
		q.counted, q.countedFrom = nil, from
	}
	if q.counted == nil {
		q.counted = map[uuid.UUID]struct{}{}
	}
	q.counted[lead] = struct{}{}
}

func (q *Quota) applyEvent(event events.OrganizationEvent) {
	switch e := event.(type) {
	case events.OrganizationCreated:
		q.Plan, q.Limits, q.BillingAnchor = e.Plan, e.Limits, e.BillingAnchor
		q.PeriodFrom, q.PeriodTo = PeriodAt(e.BillingAnchor, e.BillingAnchor)
	case events.OrganizationPlanChanged:
		q.Plan, q.Limits = e.Plan, e.Limits
		q.warned = nil // other limits
	case events.UsagePeriodStarted:
		q.PeriodFrom, q.PeriodTo = e.From, e.To
		q.warned = nil
	case events.QuotaWarned:
		if q.warned == nil {
			q.warned = map[string]int{}
		}
		q.warned[e.Limit] = e.Percent
	case events.QuotaRefused:
		if q.lastRefused == nil {
			q.lastRefused = map[string]time.Time{}
		}
		q.lastRefused[e.Limit] = e.At
	case events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted,
		events.BookingHoursSet, events.OrganizationUpdated, events.OrganizationPersonGapSet, events.OrganizationReplyUndoSet, events.OrganizationPacingSet, events.OrganizationHolidaysSet, events.OrganizationTrialReminded, events.OrganizationTrialEnded, events.OrganizationStatusChanged, events.OrganizationSlugChanged,
		events.OrganizationDeletionRequested, events.OrganizationRestored, events.OrganizationDeleted: // change nothing here
	}
}

// countEnrollment counts a lead that is enrolled for the first time in a period.
func (q *Quota) countEnrollment(e events.EnrollmentEvent) {
	if s, ok := e.(events.EnrollmentStarted); ok && s.Counted {
		q.countLead(s.LeadID, s.PeriodFrom)
	}
}
