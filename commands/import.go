package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// RequestImport is sent once the file is stored.
type RequestImport struct {
	events.ImportRef
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
	HeaderRow   *int              `json:"header_row,omitzero"`
	LeftOut     []string          `json:"left_out,omitzero"`
	DryRunID    uuid.UUID         `json:"dry_run_id,omitzero"`
}

// Rows of a chunk. Whoever else writes on the partition waits until the read model has stored the one before, so it is small.
const (
	chunkRows    = 100
	dryChunkRows = MaxItems // of a dry run nothing is stored but that it was read
)

func (c RequestImport) event() events.ImportRequested {
	rows := chunkRows
	if c.DryRun {
		rows = dryChunkRows
	}
	return events.ImportRequested{ImportRef: c.ImportRef, FileName: c.FileName, Bytes: c.Bytes, Blob: c.Blob, Charset: c.Charset, Delimiter: c.Delimiter, Mapping: c.Mapping, DryRun: c.DryRun,
		OnDuplicate: c.OnDuplicate, Source: c.Source, LawfulBasis: c.LawfulBasis, Tags: c.Tags, TimeZone: c.TimeZone, HeaderRow: c.HeaderRow, LeftOut: c.LeftOut, DryRunID: c.DryRunID, ChunkRows: rows}
}

func (RequestImport) CommandType() string { return "import.request.v2" }

// Decide identifies an import by its id.
func (c RequestImport) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if im := o.Imports.Get(c.ImportID); im != nil {
		if im.Blob == c.Blob {
			return nil, nil
		}
		return nil, errAlreadyExists(c.ImportID)
	}
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	if most := o.Limits.ImportBytes; most != events.NoLimit && c.Bytes > most {
		return nil, es.Refuse(CodeFileTooLarge, events.QuotaDetail{Limit: events.LimitImportBytes, Max: most, Requested: c.Bytes, Plan: o.Plan})
	}
	for _, quota := range []quotaUse{importsAtOnce(o), leadsStored(o)} {
		if !quota.takePlace() {
			return quota.refuseCommand(now, o)
		}
	}
	return oneEvent(c.event())
}

func (c RequestImport) checkFields() error {
	switch {
	case c.ImportID == uuid.Nil:
		return errInvalid("import_id", "is missing")
	case c.Bytes < 0:
		return errInvalid("bytes", "must not be negative")
	case len(c.Mapping) == 0 || len(c.Mapping) > 200:
		return errInvalid("mapping", "must name 1 to 200 columns")
	case c.OnDuplicate != events.DuplicateSkip && c.OnDuplicate != events.DuplicateUpdate:
		return errInvalid("on_duplicate", "must be skip or update")
	case !validSource(c.Source):
		return errInvalid("source", reasonSource)
	case !validTags(c.Tags):
		return errInvalid("tags", reasonTags)
	case c.HeaderRow != nil && *c.HeaderRow < 0:
		return errInvalid("header_row", "must not be negative")
	case len(c.LeftOut) > 500:
		return errInvalid("left_out", "must be at most 500")
	}
	return firstError(
		checkText("file_name", c.FileName, 1, 255),
		checkText("blob", c.Blob, 1, 512),
		checkText("charset", c.Charset, 0, 40),
		checkText("delimiter", c.Delimiter, 0, 4),
		checkText("lawful_basis", c.LawfulBasis, 0, 100),
		checkZone("time_zone", c.TimeZone),
	)
}

// CompleteImport ends an import whose chunks are all recorded.
type CompleteImport struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (CompleteImport) CommandType() string { return "import.complete.v1" }

// Decide requires that all chunks up to the last one are recorded.
func (c CompleteImport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	im := o.Imports.Get(c.ImportID)
	switch {
	case im == nil:
		return nil, errNotFound(c.ImportID)
	case im.Status == aggregates.ImportCompleted:
		return nil, nil
	case im.Status != aggregates.ImportRunning:
		return nil, errImportClosed(c.ImportID, im.Status)
	}
	if gap := im.Chunks.FirstGap(); gap > 0 {
		return nil, errInvalid("chunk", "chunk "+strconv.Itoa(gap)+" is missing")
	}
	return oneEvent(events.ImportCompleted{ImportRef: events.ImportRef{ImportID: c.ImportID}, Rows: im.Rows, Created: im.Created, Updated: im.Updated, Duplicates: im.Duplicates, Rejected: im.Rejected})
}

// FailImport ends an import that can't continue.
type FailImport struct {
	ImportID uuid.UUID `json:"import_id"`
	Reason   string    `json:"reason"`
}

func (FailImport) CommandType() string { return "import.fail.v1" }

// Decide closes a running import.
func (c FailImport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	im := o.Imports.Get(c.ImportID)
	switch {
	case im == nil:
		return nil, errNotFound(c.ImportID)
	case im.Status == aggregates.ImportFailed:
		return nil, nil
	case im.Status != aggregates.ImportRunning:
		return nil, errImportClosed(c.ImportID, im.Status)
	}
	if err := checkText("reason", c.Reason, 1, 500); err != nil {
		return nil, err
	}
	return oneEvent(events.ImportFailed{ImportRef: events.ImportRef{ImportID: c.ImportID}, Reason: c.Reason})
}

// UndoImport closes an import, also a running one, and starts its undo.
type UndoImport struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (UndoImport) CommandType() string { return "import.undo.v1" }

// Decide refuses a dry run, which has nothing to undo.
func (c UndoImport) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	im := o.Imports.Get(c.ImportID)
	switch {
	case im == nil:
		return nil, errNotFound(c.ImportID)
	case im.DryRun || im.Status == aggregates.ImportUndoing || im.Status == aggregates.ImportUndone:
		return nil, nil
	}
	return oneEvent(events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: c.ImportID}})
}

// CompleteUndo ends an undo.
type CompleteUndo struct {
	ImportID uuid.UUID `json:"import_id"`
}

func (CompleteUndo) CommandType() string { return "import.complete_undo.v1" }

// Decide requires a running undo. The leads that were kept are counted now, as a resumed undo has seen some of them twice.
func (c CompleteUndo) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	im := o.Imports.Get(c.ImportID)
	switch {
	case im == nil:
		return nil, errNotFound(c.ImportID)
	case im.Status == aggregates.ImportUndone:
		return nil, nil
	case im.Status != aggregates.ImportUndoing:
		return nil, errImportOpen(c.ImportID, im.Status)
	}
	return oneEvent(events.ImportUndone{ImportRef: events.ImportRef{ImportID: c.ImportID}, Removed: im.Removed, Kept: im.Leads})
}
