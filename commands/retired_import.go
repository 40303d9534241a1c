package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RequestImportV1 is RequestImport without the row that names the columns.
type RequestImportV1 struct {
	ImportID    uuid.UUID         `json:"import_id"`
	FileName    string            `json:"file_name"`
	Bytes       int64             `json:"bytes"`
	Blob        string            `json:"blob"`
	Charset     string            `json:"charset,omitzero"`
	Delimiter   string            `json:"delimiter,omitzero"`
	Mapping     map[string]string `json:"mapping"`
	DryRun      bool              `json:"dry_run"`
	OnDuplicate string            `json:"on_duplicate"`
	Source      string            `json:"source"`
	LawfulBasis string            `json:"lawful_basis,omitzero"`
	Tags        []string          `json:"tags,omitzero"`
	TimeZone    string            `json:"time_zone,omitzero"`
}

func (RequestImportV1) CommandType() string { return "import.request.v1" }

// Decide lets the row be found out when the file is read.
func (c RequestImportV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RequestImport{ImportRef: events.ImportRef{ImportID: c.ImportID}, FileName: c.FileName, Bytes: c.Bytes, Blob: c.Blob, Charset: c.Charset, Delimiter: c.Delimiter, Mapping: c.Mapping,
		DryRun: c.DryRun, OnDuplicate: c.OnDuplicate, Source: c.Source, LawfulBasis: c.LawfulBasis, Tags: c.Tags, TimeZone: c.TimeZone}.Decide(now, o)
}

// ImportLeadsV1 is ImportLeads without what was left out of its items.
type ImportLeadsV1 struct {
	ImportID    uuid.UUID           `json:"import_id"`
	Chunk       int                 `json:"chunk"`
	FirstRow    int                 `json:"first_row"`
	Rows        int                 `json:"rows"`
	DryRun      bool                `json:"dry_run"`
	OnDuplicate string              `json:"on_duplicate"`
	Items       []LeadItem          `json:"items"`
	Rejected    []events.RefusedRow `json:"rejected,omitzero"`
}

func (ImportLeadsV1) CommandType() string { return "import.record_chunk.v1" }

// Decide warns of nothing.
func (c ImportLeadsV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return ImportLeads{ImportID: c.ImportID, Chunk: c.Chunk, FirstRow: c.FirstRow, Rows: c.Rows, DryRun: c.DryRun, OnDuplicate: c.OnDuplicate, Items: c.Items, Rejected: events.RefusedByCode(c.Rejected)}.Decide(now, o)
}

// ImportLeadsV2 is ImportLeads with every row by itself.
type ImportLeadsV2 struct {
	ImportID    uuid.UUID           `json:"import_id"`
	Chunk       int                 `json:"chunk"`
	FirstRow    int                 `json:"first_row"`
	Rows        int                 `json:"rows"`
	DryRun      bool                `json:"dry_run"`
	OnDuplicate string              `json:"on_duplicate"`
	Items       []LeadItem          `json:"items"`
	Rejected    []events.RefusedRow `json:"rejected,omitzero"`
	Warnings    []events.RowWarning `json:"warnings,omitzero"`
}

func (ImportLeadsV2) CommandType() string { return "import.record_chunk.v2" }

// Decide puts rows together.
func (c ImportLeadsV2) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return ImportLeads{ImportID: c.ImportID, Chunk: c.Chunk, FirstRow: c.FirstRow, Rows: c.Rows, DryRun: c.DryRun, OnDuplicate: c.OnDuplicate, Items: c.Items,
		Rejected: events.RefusedByCode(c.Rejected), Warnings: events.WarnedByCode(c.Warnings)}.Decide(now, o)
}
