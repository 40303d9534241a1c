package events

import "github.com/google/uuid"

// What a bulk operation does with each of its leads.
const (
	BulkTag      = "tag"
	BulkUntag    = "untag"
	BulkEnroll   = "enroll"
	BulkRemove   = "remove"
	BulkSuppress = "suppress"
	BulkRestore  = "restore" // leads that were removed
)

// BulkRequested asks for the same to be done with many leads, in chunks.
type BulkRequested struct {
	BulkRef
	Action     string      `json:"action"`
	Tags       []string    `json:"tags,omitzero"`        // of tag and untag
	CampaignID uuid.UUID   `json:"campaign_id,omitzero"` // of enroll
	LeadIDs    []uuid.UUID `json:"lead_ids"`             // each once
	Next       string      `json:"next,omitzero"`        // of a filter that finds more: where it goes on
}

func (BulkRequested) EventType() string { return "bulk.requested.v1" }

// BulkChunkRecorded ends a chunk: done + unchanged + refused are its leads.
type BulkChunkRecorded struct {
	BulkRef
	Chunk     int           `json:"chunk"` // from 1
	Done      int           `json:"done"`
	Unchanged int           `json:"unchanged"`
	Refused   []RefusedLead `json:"refused,omitzero"`
}

func (BulkChunkRecorded) EventType() string { return "bulk.chunk_recorded.v1" }

// BulkCompleted sums up the chunks.
type BulkCompleted struct {
	BulkRef
	Asked     int `json:"asked"`
	Done      int `json:"done"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
}

func (BulkCompleted) EventType() string { return "bulk.completed.v1" }
