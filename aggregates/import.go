package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Status of an import.
const (
	ImportRunning   = "running"
	ImportCompleted = "completed"
	ImportFailed    = "failed"
	ImportUndoing   = "undoing"
	ImportUndone    = "undone"
)

// Import is one file being read, or read.
type Import struct {
	Ref         uint32 // what its leads remember of it, from 1
	Status      string
	DryRun      bool
	OnDuplicate string
	Blob        string
	Chunks      Bits // recorded
	Undo        Bits // chunks of the undo, recorded
	Rows        int
	Created     int
	Updated     int
	Duplicates  int
	Rejected    int
	Removed     int // by the undo
}

// Imports of an organisation.
type Imports struct {
	byID map[uuid.UUID]*Import
}

// Get returns an import, or nil.
func (i *Imports) Get(id uuid.UUID) *Import { return i.byID[id] }

func (i *Imports) refOf(id uuid.UUID) uint32 {
	if im := i.byID[id]; im != nil {
		return im.Ref
	}
	return 0
}

func (i *Imports) apply(e events.ImportEvent) {
	switch e := e.(type) {
	case events.ImportRequested:
		if i.byID == nil {
			i.byID = map[uuid.UUID]*Import{}
		}
		i.byID[e.ImportID] = &Import{Ref: uint32(len(i.byID) + 1), Status: ImportRunning, DryRun: e.DryRun, OnDuplicate: e.OnDuplicate, Blob: e.Blob}
	case events.ImportChunkRecorded:
		if im := i.byID[e.ImportID]; im != nil {
			im.Chunks.Set(e.Chunk)
			im.Rows += e.Rows
			im.Created += e.Created
			im.Updated += e.Updated
			im.Duplicates += e.Duplicates
			im.Rejected += e.Rejected
		}
	case events.ImportCompleted:
		i.setStatus(e.ImportID, ImportCompleted)
	case events.ImportFailed:
		i.setStatus(e.ImportID, ImportFailed)
	case events.ImportUndoRequested:
		i.setStatus(e.ImportID, ImportUndoing)
	case events.ImportUndoChunkRecorded:
		if im := i.byID[e.ImportID]; im != nil {
			im.Undo.Set(e.Chunk)
			im.Removed += e.Removed
		}
	case events.ImportUndone:
		i.setStatus(e.ImportID, ImportUndone)
	}
}

func (i *Imports) setStatus(id uuid.UUID, status string) {
	if im := i.byID[id]; im != nil {
		im.Status = status
	}
}
