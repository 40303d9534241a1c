package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// PreviewBulk says what a bulk operation would do now with some leads, by the decisions that it takes. chunk says what the edge found, as in RecordBulkChunk, but may hold as
// many leads as an operation; it reads only the hashes of its addresses.
func PreviewBulk(now time.Time, o *aggregates.Organization, asked RequestBulk, chunk RecordBulkChunk) (events.BulkChunkRecorded, error) {
	asked.BulkID = es.DeriveID(o.ID, "preview")
	if _, err := asked.Decide(now, o); err != nil {
		return events.BulkChunkRecorded{}, err
	}
	r := bulkChunk{o: o, job: &aggregates.Bulk{Action: asked.Action, Tags: asked.Tags, CampaignID: asked.CampaignID}, done: events.BulkChunkRecorded{Unchanged: chunk.Unchanged, Refused: chunk.Rejected}}
	err := r.decideLeads(now, chunk)
	return r.done, err
}
