package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Bulk is a running bulk operation.
type Bulk struct {
	Action     string
	Tags       []string
	CampaignID uuid.UUID
	Asked      int
	Done       int
	Unchanged  int
	Refused    int
	Chunks     Bits // recorded
}

// Bulks are the running bulk operations of an organisation; a completed one is forgotten.
type Bulks struct {
	running map[uuid.UUID]*Bulk
}

// Get returns a running bulk operation, or nil.
func (b *Bulks) Get(id uuid.UUID) *Bulk { return b.running[id] }

// Len returns how many are running.
func (b *Bulks) Len() int { return len(b.running) }

func (b *Bulks) applyEvent(event events.OrganizationEvent) {
	switch e := event.(type) {
	case events.BulkRequested:
		if b.running == nil {
			b.running = map[uuid.UUID]*Bulk{}
		}
		b.running[e.BulkID] = &Bulk{Action: e.Action, Tags: e.Tags, CampaignID: e.CampaignID, Asked: len(e.LeadIDs)}
	case events.BulkChunkRecorded:
		if job := b.running[e.BulkID]; job != nil {
			job.Chunks.Set(e.Chunk)
			job.Done += e.Done
			job.Unchanged += e.Unchanged
			job.Refused += len(e.Refused)
		}
	case events.BulkCompleted:
		delete(b.running, e.BulkID)
	case events.OrganizationCreated, events.OrganizationUpdated, events.OrganizationPersonGapSet, events.OrganizationReplyUndoSet, events.OrganizationPacingSet, events.OrganizationHolidaysSet, events.OrganizationPlanChanged, events.OrganizationTrialReminded, events.OrganizationTrialEnded,
		events.OrganizationStatusChanged, events.OrganizationSlugChanged, events.OrganizationDeletionRequested, events.OrganizationRestored, events.OrganizationDeleted, events.UsagePeriodStarted, events.QuotaRefused, events.QuotaWarned, events.BookingHoursSet,
		events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded: // change nothing here
	}
}
