package events

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
	LawfulBasis string            `json:"lawful_basis,omitzero"`
	Tags        []string          `json:"tags,omitzero"`
	TimeZone    string            `json:"time_zone,omitzero"`
}

func (ImportRequested) EventType() string { return "import.requested.v1" }

// ImportChunkRecorded ends a chunk: rows = created + updated + duplicates + rejected, and refused names each of the
// latter two. In a dry run created and updated say what would be.
type ImportChunkRecorded struct {
	ImportRef
	Chunk      int          `json:"chunk"`
	FirstRow   int          `json:"first_row"`
	Rows       int          `json:"rows"`
	Created    int          `json:"created"`
	Updated    int          `json:"updated"`
	Duplicates int          `json:"duplicates"`
	Rejected   int          `json:"rejected"`
	Refused    []RefusedRow `json:"refused,omitzero"`
}

func (ImportChunkRecorded) EventType() string { return "import.chunk_recorded.v1" }

// AnswerDetail gives the sender of the chunk its counts (es.Answering).
func (e ImportChunkRecorded) AnswerDetail() any { return e }

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
