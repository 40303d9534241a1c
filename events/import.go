package events

import (
	"iter"

	"github.com/google/uuid"
)

// What an import does with an address that is a lead already.
const (
	DuplicateSkip   = "skip"
	DuplicateUpdate = "update"
)

// ImportRequested: the file is in the blob bucket, under a key that is destroyed later.
type ImportRequested struct {
	ImportRef
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
	ChunkRows   int               `json:"chunk_rows"`          // its rows are recorded so many at a time; chunks are numbered, so it stays
}

func (ImportRequested) EventType() string { return "import.requested.v3" }

// RowRun are rows of a file, one behind the other, that came to the same.
type RowRun struct {
	From    int    `json:"from"`
	To      int    `json:"to"` // inclusive
	Outcome string `json:"outcome"`
}

// What a row came to, besides being refused.
const (
	RowCreated = "created"
	RowUpdated = "updated"
)

// Rows are numbers of rows of a file as spans [first, last], in order. Numbers count as the file's reader does, from 1, the
// header included.
type Rows [][2]int

// RowsOf puts numbers, in order, into spans.
func RowsOf(numbers ...int) (out Rows) {
	for _, n := range numbers {
		out = out.With(n)
	}
	return out
}

// With is these rows and one that is not before them.
func (r Rows) With(n int) Rows {
	if last := len(r) - 1; last >= 0 && r[last][1] >= n-1 {
		r[last][1] = max(n, r[last][1])
		return r
	}
	return append(r, [2]int{n, n})
}

// All gives each number.
func (r Rows) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, span := range r {
			for n := span[0]; n <= span[1]; n++ {
				if !yield(n) {
					return
				}
			}
		}
	}
}

// Len is how many rows there are.
func (r Rows) Len() (n int) {
	for _, span := range r {
		n += span[1] - span[0] + 1
	}
	return n
}

// RefusedRows are rows that became no lead, for one reason. What they held isn't in the log.
type RefusedRows struct {
	Code string `json:"code"`
	Rows Rows   `json:"rows"`
}

// WarnedRows are rows of which something was left out, though they became or changed leads.
type WarnedRows struct {
	Field string `json:"field,omitzero"`
	Code  string `json:"code"`
	Rows  Rows   `json:"rows"`
}

// ImportChunkRecorded ends a chunk: rows = created + updated + duplicates + rejected; refused names each of the latter two,
// outcomes the others. In a dry run created and updated say what would be.
type ImportChunkRecorded struct {
	ImportRef
	Chunk      int           `json:"chunk"`
	FirstRow   int           `json:"first_row"`
	Rows       int           `json:"rows"`
	Created    int           `json:"created"`
	Updated    int           `json:"updated"`
	Duplicates int           `json:"duplicates"`
	Rejected   int           `json:"rejected"`
	Refused    []RefusedRows `json:"refused,omitzero"` // by code
	Outcomes   []RowRun      `json:"outcomes,omitzero"`
	Warnings   []WarnedRows  `json:"warnings,omitzero"`   // by field and code
	Suppressed Rows          `json:"suppressed,omitzero"` // with an address that nothing can be sent to, whatever they came to
}

func (ImportChunkRecorded) EventType() string { return "import.chunk_recorded.v3" }

// ImportCompleted sums up the chunks.
type ImportCompleted struct {
	ImportRef
	Rows       int `json:"rows"`
	Created    int `json:"created"`
	Updated    int `json:"updated"`
	Duplicates int `json:"duplicates"`
	Rejected   int `json:"rejected"`
}

func (ImportCompleted) EventType() string { return "import.completed.v1" }

// ImportFailed: the file can't be read on; what its chunks brought stays until it is undone.
type ImportFailed struct {
	ImportRef
	Reason string `json:"reason"`
}

func (ImportFailed) EventType() string { return "import.failed.v1" }

// ImportUndoRequested closes the import and begins to take its leads out.
type ImportUndoRequested struct {
	ImportRef
}

func (ImportUndoRequested) EventType() string { return "import.undo_requested.v1" }

// ImportUndoChunkRecorded ends a chunk of an undo. Kept are leads that somebody has edited or enrolled since.
type ImportUndoChunkRecorded struct {
	ImportRef
	Chunk   int `json:"chunk"`
	Removed int `json:"removed"`
	Kept    int `json:"kept"`
}

func (ImportUndoChunkRecorded) EventType() string { return "import.undo_chunk_recorded.v1" }

// AnswerDetail gives the sender of the chunk its counts (es.Answering).
func (e ImportUndoChunkRecorded) AnswerDetail() any { return e }

// ImportUndone sums up the undo.
type ImportUndone struct {
	ImportRef
	Removed int `json:"removed"`
	Kept    int `json:"kept"`
}

func (ImportUndone) EventType() string { return "import.undone.v1" }
