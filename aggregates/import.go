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
	Ref         uint32 // how its leads refer to it, from 1
	Status      string
	DryRun      bool
	OnDuplicate string
	Blob        string
	LawfulBasis string // for rows and leads that have none; so is the zone
	TimeZone    string
	Chunks      Bits // recorded
	Undo        Bits // chunks of the undo, recorded
	Rows        int
	Created     int
	Updated     int
	Duplicates  int
	Rejected    int
	Removed     int // by the undo
	Leads       int // that it has brought, and that are still there
	// Erased are the addresses of who was erased since it began: while it runs, as the file was sent before.
	Erased map[Hash]bool
}

// Imports of an organisation.
type Imports struct {
	byID  map[uuid.UUID]*Import
	byRef []*Import // from 1
	open  int
}

// Get returns an import, or nil.
func (i *Imports) Get(id uuid.UUID) *Import { return i.byID[id] }

// Open is how many are read, or undone, now.
func (i *Imports) Open() int { return i.open }

func (i *Imports) refOf(id uuid.UUID) uint32 {
	if im := i.byID[id]; im != nil {
		return im.Ref
	}
	return 0
}

// countLead counts the leads of an import; 0 = of none.
func (i *Imports) countLead(ref uint32, n int) {
	if ref > 0 {
		i.byRef[ref-1].Leads += n
	}
}

func (i *Imports) applyEvent(e events.ImportEvent) {
	switch e := e.(type) {
	case events.ImportRequested:
		if i.byID == nil {
			i.byID = map[uuid.UUID]*Import{}
		}
		i.open++
		im := &Import{Ref: uint32(len(i.byID) + 1), Status: ImportRunning, DryRun: e.DryRun, OnDuplicate: e.OnDuplicate, Blob: e.Blob, LawfulBasis: e.LawfulBasis, TimeZone: e.TimeZone}
		i.byID[e.ImportID], i.byRef = im, append(i.byRef, im)
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
		i.open += openIn(status) - openIn(im.Status)
		im.Status, im.Erased = status, nil
	}
}

// noteErased remembers an address whose person was erased while files are read, in which they may stand.
func (i *Imports) noteErased(e events.SuppressionEvent) {
	added, ok := e.(events.SuppressionAdded)
	if !ok || added.Reason != events.SuppressedErasure || i.open == 0 {
		return
	}
	for _, im := range i.byRef {
		if im.Status != ImportRunning {
			continue
		}
		if im.Erased == nil {
			im.Erased = map[Hash]bool{}
		}
		im.Erased[hashOf(added.Hash)] = true
	}
}

// openIn is 1 in a status that something is done in.
func openIn(status string) int {
	if status == ImportRunning || status == ImportUndoing {
		return 1
	}
	return 0
}
