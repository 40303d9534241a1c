package commands

import (
	"github.com/google/uuid"

	"outrider/events"
)

// RequestImport is sent when the file is stored.
type RequestImport struct {
	ImportID    uuid.UUID         `json:"import_id"`
	FileName    string            `json:"file_name"`
	Bytes       int64             `json:"bytes"`
	Blob        string            `json:"blob"`
	Charset     string            `json:"charset,omitempty"`
	Delimiter   string            `json:"delimiter,omitempty"`
	Mapping     map[string]string `json:"mapping"`
	DryRun      bool              `json:"dry_run"`
	OnDuplicate string            `json:"on_duplicate"`
	Source      string            `json:"source"`
	LawfulBasis string            `json:"lawful_basis,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	TimeZone    string            `json:"time_zone,omitempty"`
}

func (RequestImport) CommandType() string { return "import.request.v1" }

// ImportLeads is a chunk of a file: rows = items + rejected. Its command id is ChunkID, so a resumed import repeats it
// safely. DryRun and OnDuplicate are those of the import.
type ImportLeads struct {
	ImportID    uuid.UUID           `json:"import_id"`
	Chunk       int                 `json:"chunk"` // from 0 (or 1), without gaps
	FirstRow    int                 `json:"first_row"`
	Rows        int                 `json:"rows"`
	DryRun      bool                `json:"dry_run"`
	OnDuplicate string              `json:"on_duplicate"`
	Items       []LeadItem          `json:"items"`
	Rejected    []events.RefusedRow `json:"rejected,omitempty"` // rows that the edge refused
}

func (ImportLeads) CommandType() string { return "import.record_chunk.v1" }

// CompleteImport ends an import whose chunks are all recorded.
type CompleteImport struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (CompleteImport) CommandType() string { return "import.complete.v1" }

// FailImport ends an import that can't go on.
type FailImport struct {
	ImportID uuid.UUID `json:"import_id"`
	Reason   string    `json:"reason"`
}

func (FailImport) CommandType() string { return "import.fail.v1" }

// UndoImport closes an import, also a running one, and begins its undo.
type UndoImport struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (UndoImport) CommandType() string { return "import.undo.v1" }

// UndoImportChunk takes out those of the leads that the import created and nobody has touched since.
type UndoImportChunk struct {
	ImportID uuid.UUID   `json:"import_id"`
	Chunk    int         `json:"chunk"`
	LeadIDs  []uuid.UUID `json:"lead_ids"`
}

func (UndoImportChunk) CommandType() string { return "import.undo_chunk.v1" }

// CompleteUndo ends an undo.
type CompleteUndo struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (CompleteUndo) CommandType() string { return "import.complete_undo.v1" }
