package aggregates

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Exports of an organisation that have a file, or will have one.
type Exports struct {
	kept map[uuid.UUID]export
}

type export struct {
	expires time.Time
	done    bool
}

// Running reports whether the file of an export is being written.
func (x *Exports) Running(id uuid.UUID) bool {
	e, ok := x.kept[id]
	return ok && !e.done
}

// Kept reports whether an export has a file, or will have one; it may have expired.
func (x *Exports) Kept(id uuid.UUID) bool {
	_, ok := x.kept[id]
	return ok
}

// KeptAt counts those that have not expired.
func (x *Exports) KeptAt(now time.Time) (n int) {
	for _, e := range x.kept {
		if now.Before(e.expires) {
			n++
		}
	}
	return n
}

// All returns them in the order of their ids.
func (x *Exports) All() []uuid.UUID {
	return slices.SortedFunc(maps.Keys(x.kept), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}

func (x *Exports) applyEvent(event events.OrganizationEvent) {
	switch e := event.(type) {
	case events.ExportRequested:
		if x.kept == nil {
			x.kept = map[uuid.UUID]export{}
		}
		x.kept[e.ExportID] = export{expires: e.ExpiresAt}
		x.forgetExpired(e.ExpiresAt.Add(-ExportKept))
	case events.ExportCompleted:
		if have, ok := x.kept[e.ExportID]; ok {
			have.done = true
			x.kept[e.ExportID] = have
		}
	case events.ExportFailed:
		delete(x.kept, e.ExportID)
	case events.ExportDiscarded:
		delete(x.kept, e.ExportID)
	case events.OrganizationCreated, events.OrganizationUpdated, events.OrganizationPersonGapSet, events.OrganizationReplyUndoSet, events.OrganizationPacingSet, events.OrganizationHolidaysSet, events.OrganizationPlanChanged, events.OrganizationTrialReminded, events.OrganizationTrialEnded,
		events.OrganizationStatusChanged, events.OrganizationSlugChanged, events.OrganizationDeletionRequested, events.OrganizationRestored, events.OrganizationDeleted, events.UsagePeriodStarted, events.QuotaRefused, events.QuotaWarned, events.BookingHoursSet,
		events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted: // change nothing here
	}
}

// ExportKept is how long a file can be downloaded, counted from its request.
const ExportKept = 24 * time.Hour

// forgetExpired forgets files that can't be downloaded any more. Running exports stay until they end.
func (x *Exports) forgetExpired(now time.Time) {
	for id, e := range x.kept {
		if e.done && !now.Before(e.expires) {
			delete(x.kept, id)
		}
	}
}
