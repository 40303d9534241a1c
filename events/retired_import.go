package events

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// RefusedRow is a row of a file that became no lead. Row counts as its reader does, from 1, the header included.
type RefusedRow struct {
	Row  int    `json:"row"`
	Code string `json:"code"`
}

// RowWarning says that something of a row was left out, though it became or changed a lead.
type RowWarning struct {
	Row   int    `json:"row"`
	Field string `json:"field,omitzero"`
	Code  string `json:"code"`
}

// ImportRequestedV2 says nothing of the size of chunks.
type ImportRequestedV2 struct {
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
	LawfulBasis string            `json:"lawful_basis,omitzero"` // of rows and leads that have none; likewise the zone
	Tags        []string          `json:"tags,omitzero"`
	TimeZone    string            `json:"time_zone,omitzero"`
	HeaderRow   *int              `json:"header_row,omitzero"` // that names the columns; 0 = none does; absent = found out when it is read
	LeftOut     []string          `json:"left_out,omitzero"`   // columns that are not read because there are too many
	DryRunID    uuid.UUID         `json:"dry_run_id,omitzero"` // the dry run that this import does in earnest
}

func (ImportRequestedV2) EventType() string     { return "import.requested.v2" }
func (e ImportRequestedV2) AggregateID() string { return e.ImportID.String() }

// chunkRowsV2 is how many rows a chunk had before an import said it.
const chunkRowsV2 = 500

// Upcast gives it the chunks that it has begun with.
func (e ImportRequestedV2) Upcast() Event {
	return ImportRequested{ImportRef: ImportRef{e.ImportID}, FileName: e.FileName, Bytes: e.Bytes, Blob: e.Blob, Charset: e.Charset, Delimiter: e.Delimiter, Mapping: e.Mapping, DryRun: e.DryRun,
		OnDuplicate: e.OnDuplicate, Source: e.Source, LawfulBasis: e.LawfulBasis, Tags: e.Tags, TimeZone: e.TimeZone, HeaderRow: e.HeaderRow, LeftOut: e.LeftOut, DryRunID: e.DryRunID, ChunkRows: chunkRowsV2}
}

// ImportChunkRecordedV2 names every row that was refused or warned of by itself.
type ImportChunkRecordedV2 struct {
	ImportID   uuid.UUID    `json:"import_id"`
	Chunk      int          `json:"chunk"`
	FirstRow   int          `json:"first_row"`
	Rows       int          `json:"rows"`
	Created    int          `json:"created"`
	Updated    int          `json:"updated"`
	Duplicates int          `json:"duplicates"`
	Rejected   int          `json:"rejected"`
	Refused    []RefusedRow `json:"refused,omitzero"`
	Outcomes   []RowRun     `json:"outcomes,omitzero"`
	Warnings   []RowWarning `json:"warnings,omitzero"`
	Suppressed []int        `json:"suppressed,omitzero"`
}

func (ImportChunkRecordedV2) EventType() string     { return "import.chunk_recorded.v2" }
func (e ImportChunkRecordedV2) AggregateID() string { return e.ImportID.String() }

// Upcast puts the rows of one reason together.
func (e ImportChunkRecordedV2) Upcast() Event {
	return ImportChunkRecorded{ImportRef: ImportRef{e.ImportID}, Chunk: e.Chunk, FirstRow: e.FirstRow, Rows: e.Rows, Created: e.Created, Updated: e.Updated, Duplicates: e.Duplicates,
		Rejected: e.Rejected, Refused: RefusedByCode(e.Refused), Outcomes: e.Outcomes, Warnings: WarnedByCode(e.Warnings), Suppressed: RowsOf(e.Suppressed...)}
}

// RefusedByCode puts the rows of one code together, in their order.
func RefusedByCode(rows []RefusedRow) (out []RefusedRows) {
	rows = slices.SortedStableFunc(slices.Values(rows), func(a, b RefusedRow) int { return cmp.Or(cmp.Compare(a.Code, b.Code), a.Row-b.Row) })
	for _, r := range rows {
		if last := len(out) - 1; last < 0 || out[last].Code != r.Code {
			out = append(out, RefusedRows{Code: r.Code})
		}
		last := &out[len(out)-1]
		last.Rows = last.Rows.With(r.Row)
	}
	return out
}

// WarnedByCode likewise puts the rows of one field and code together.
func WarnedByCode(rows []RowWarning) (out []WarnedRows) {
	rows = slices.SortedStableFunc(slices.Values(rows), func(a, b RowWarning) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code), a.Row-b.Row)
	})
	for _, r := range rows {
		if last := len(out) - 1; last < 0 || out[last].Field != r.Field || out[last].Code != r.Code {
			out = append(out, WarnedRows{Field: r.Field, Code: r.Code})
		}
		last := &out[len(out)-1]
		last.Rows = last.Rows.With(r.Row)
	}
	return out
}
