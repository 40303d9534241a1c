package events

import (
	"reflect"
	"time"

	"github.com/google/uuid"
)

// SegmentRef names a segment: a filter of leads that has a name.
type SegmentRef struct {
	SegmentID uuid.UUID `json:"segment_id"`
}

func (r SegmentRef) AggregateID() string { return r.SegmentID.String() }

// Segment returns its id.
func (r SegmentRef) Segment() uuid.UUID { return r.SegmentID }

// SegmentFilter is what the leads of a segment have in common; zero values don't narrow. It can't look for one person: what is kept in the log in
// the clear names nobody.
type SegmentFilter struct {
	Tag            string            `json:"tag,omitzero"`
	Source         string            `json:"source,omitzero"`
	ImportID       uuid.UUID         `json:"import_id,omitzero"`
	Company        string            `json:"company,omitzero"` // how it begins
	Country        string            `json:"country,omitzero"`
	OutreachStatus string            `json:"outreach_status,omitzero"`
	Suppressed     *bool             `json:"suppressed,omitzero"`
	CampaignID     uuid.UUID         `json:"campaign_id,omitzero"` // was enrolled in it
	Qualification  string            `json:"qualification,omitzero"`
	MinLeadScore   int               `json:"min_lead_score,omitzero"`
	MaxLeadScore   *int              `json:"max_lead_score,omitzero"`
	MinIntentScore int               `json:"min_intent_score,omitzero"`
	CreatedFrom    time.Time         `json:"created_from,omitzero"`
	CreatedTo      time.Time         `json:"created_to,omitzero"`
	UpdatedFrom    time.Time         `json:"updated_from,omitzero"`
	UpdatedTo      time.Time         `json:"updated_to,omitzero"`
	Custom         map[string]string `json:"custom,omitzero"`
}

// IsZero reports whether it narrows nothing.
func (f SegmentFilter) IsZero() bool {
	return len(f.Custom) == 0 && reflect.DeepEqual(f, SegmentFilter{Custom: f.Custom})
}

// AsksPersonal reports whether it asks by what is known of people: who may not see that may not learn it by a filter.
func (f SegmentFilter) AsksPersonal() bool {
	return f.Company != "" || f.Country != "" || len(f.Custom) > 0
}

// SegmentSaved is a segment as it is from now on.
type SegmentSaved struct {
	SegmentRef
	Version int           `json:"version"` // from 1
	Name    string        `json:"name"`    // of one segment only, case ignored
	Filter  SegmentFilter `json:"filter"`
}

func (SegmentSaved) EventType() string { return "segment.saved.v1" }

// SegmentRemoved takes a segment away; its leads stay where they are.
type SegmentRemoved struct {
	SegmentRef
}

func (SegmentRemoved) EventType() string { return "segment.removed.v1" }
