package events

import (
	"github.com/google/uuid"

	"outrider/internal/es"
)

// Shapes that are no longer written live here, with how they read as the next one. To change an event's shape: copy its
// struct here as FooV1 with its old type string and an Upcast, give the current struct the type string ".v2", and put
// retired[FooV1]() beside current[Foo]() in the catalogue. Its schema stays; a test sees to that. Upcasts chain: FooV1
// may give FooV2, itself retired. They never touch stored bytes, so the hash chain holds.

// Upcaster is a retired event; Upcast gives it as a newer one.
type Upcaster interface {
	Event
	Upcast() Event
}

func retired[Old Upcaster]() Entry {
	var zero Old
	return Entry{Zero: zero, Retired: true, decode: func(data []byte) (Event, error) {
		var old Old
		if err := es.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		return Newest(old), nil
	}}
}

// Newest returns an event in its newest version.
func Newest(e Event) Event {
	for u, ok := e.(Upcaster); ok; u, ok = e.(Upcaster) {
		e = u.Upcast()
	}
	return e
}

// CampaignCreatedV1 says nothing of what is in its templates.
type CampaignCreatedV1 struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	Name         string    `json:"name"`
	CampaignType string    `json:"campaign_type"`
	TimeZone     string    `json:"time_zone,omitzero"`
	StartDate    string    `json:"start_date,omitzero"`
	EndDate      string    `json:"end_date,omitzero"`
	CreatedBy    string    `json:"created_by"`
	Approval     string    `json:"approval"`
	Steps        []Step    `json:"steps"`
}

func (CampaignCreatedV1) EventType() string     { return "campaign.created.v1" }
func (e CampaignCreatedV1) AggregateID() string { return e.CampaignID.String() }

// Upcast leaves the templates unknown: a launch asks for the steps to be written once more.
func (e CampaignCreatedV1) Upcast() Event {
	return CampaignCreated{CampaignRef: CampaignRef{CampaignID: e.CampaignID}, Name: e.Name, CampaignType: e.CampaignType, TimeZone: e.TimeZone, StartDate: e.StartDate, EndDate: e.EndDate,
		CreatedBy: e.CreatedBy, Approval: e.Approval, Steps: e.Steps}
}

// CampaignStepsChangedV1 says nothing of what is in its templates.
type CampaignStepsChangedV1 struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Steps      []Step    `json:"steps"`
}

func (CampaignStepsChangedV1) EventType() string     { return "campaign.steps_changed.v1" }
func (e CampaignStepsChangedV1) AggregateID() string { return e.CampaignID.String() }

// Upcast leaves the templates unknown, as CampaignCreatedV1 does.
func (e CampaignStepsChangedV1) Upcast() Event {
	return CampaignStepsChanged{CampaignRef: CampaignRef{CampaignID: e.CampaignID}, Steps: e.Steps}
}

// CampaignRevisedV1 says nothing of what is in its templates.
type CampaignRevisedV1 struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	StepsVersion int       `json:"steps_version"`
	Steps        []Step    `json:"steps"`
}

func (CampaignRevisedV1) EventType() string     { return "campaign.revised.v1" }
func (e CampaignRevisedV1) AggregateID() string { return e.CampaignID.String() }

// Upcast leaves the templates unknown, as CampaignCreatedV1 does.
func (e CampaignRevisedV1) Upcast() Event {
	return CampaignRevised{CampaignRef: CampaignRef{CampaignID: e.CampaignID}, StepsVersion: e.StepsVersion, Steps: e.Steps}
}

// ImportRequestedV1 says nothing of the row that names the columns.
type ImportRequestedV1 struct {
	ImportID    uuid.UUID         `json:"import_id"`
	FileName    string            `json:"file_name"`
	Bytes       int64             `json:"bytes"`
	Blob        string            `json:"blob"`               // its name in the bucket
	Charset     string            `json:"charset,omitzero"`   // IANA; empty = found out
	Delimiter   string            `json:"delimiter,omitzero"` // empty = found out
	Mapping     map[string]string `json:"mapping"`            // column of the file: field of the lead
	DryRun      bool              `json:"dry_run"`
	OnDuplicate string            `json:"on_duplicate"`
	Source      string            `json:"source"`
	LawfulBasis string            `json:"lawful_basis,omitzero"`
	Tags        []string          `json:"tags,omitzero"`
	TimeZone    string            `json:"time_zone,omitzero"`
}

func (ImportRequestedV1) EventType() string     { return "import.requested.v1" }
func (e ImportRequestedV1) AggregateID() string { return e.ImportID.String() }

// Upcast lets the row be found out again.
func (e ImportRequestedV1) Upcast() Event {
	return ImportRequestedV2{ImportID: e.ImportID, FileName: e.FileName, Bytes: e.Bytes, Blob: e.Blob, Charset: e.Charset, Delimiter: e.Delimiter, Mapping: e.Mapping, DryRun: e.DryRun,
		OnDuplicate: e.OnDuplicate, Source: e.Source, LawfulBasis: e.LawfulBasis, Tags: e.Tags, TimeZone: e.TimeZone}
}

// ImportChunkRecordedV1 names the rows that were refused alone.
type ImportChunkRecordedV1 struct {
	ImportID   uuid.UUID    `json:"import_id"`
	Chunk      int          `json:"chunk"`
	FirstRow   int          `json:"first_row"`
	Rows       int          `json:"rows"`
	Created    int          `json:"created"`
	Updated    int          `json:"updated"`
	Duplicates int          `json:"duplicates"`
	Rejected   int          `json:"rejected"`
	Refused    []RefusedRow `json:"refused,omitzero"`
}

func (ImportChunkRecordedV1) EventType() string     { return "import.chunk_recorded.v1" }
func (e ImportChunkRecordedV1) AggregateID() string { return e.ImportID.String() }

// Upcast leaves it open what the rows came to that were not refused.
func (e ImportChunkRecordedV1) Upcast() Event {
	return ImportChunkRecordedV2{ImportID: e.ImportID, Chunk: e.Chunk, FirstRow: e.FirstRow, Rows: e.Rows, Created: e.Created, Updated: e.Updated, Duplicates: e.Duplicates,
		Rejected: e.Rejected, Refused: e.Refused}
}
