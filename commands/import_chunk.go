package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ImportLeads is a chunk of a file: rows = items + rejected. A resumed import repeats a chunk safely: one that is recorded has
// nothing left to do. DryRun and OnDuplicate are those of the import.
type ImportLeads struct {
	ImportID    uuid.UUID           `json:"import_id"`
	Chunk       int                 `json:"chunk"` // from 0 (or 1), without gaps
	FirstRow    int                 `json:"first_row"`
	Rows        int                 `json:"rows"`
	DryRun      bool                `json:"dry_run"`
	OnDuplicate string              `json:"on_duplicate"`
	Items       []LeadItem          `json:"items"`
	Rejected    []events.RefusedRow `json:"rejected,omitzero"` // rows that the edge refused
}

func (ImportLeads) CommandType() string { return "import.record_chunk.v1" }

// Decide takes the rows in order; a row that it refuses keeps none of the others out.
func (c ImportLeads) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	im := o.Imports.Get(c.ImportID)
	switch {
	case im == nil:
		return nil, errNotFound(c.ImportID)
	case im.Status != aggregates.ImportRunning:
		return nil, errImportClosed(c.ImportID, im.Status)
	case im.Chunks.Has(c.Chunk):
		return nil, nil
	}
	if err := c.checkFields(im); err != nil {
		return nil, err
	}
	r := chunkReader{o: o, im: im, id: c.ImportID, seen: map[aggregates.Hash]uuid.UUID{}, out: make([]events.Event, 0, len(c.Items)+1)}
	for _, item := range c.Items {
		r.addRow(item)
	}
	for _, row := range c.Rejected {
		if row.Code == RowDuplicateInFile { // of a dry run: without leads only the edge can know
			r.duplicates++
			r.rejected--
		}
	}
	done := events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: c.ImportID}, Chunk: c.Chunk, FirstRow: c.FirstRow, Rows: c.Rows, Created: r.created, Updated: r.updated,
		Duplicates: r.duplicates, Rejected: r.rejected + len(c.Rejected), Refused: append(r.refused, c.Rejected...)}
	slices.SortStableFunc(done.Refused, func(a, b events.RefusedRow) int { return a.Row - b.Row })
	return append(r.out, done), nil
}

func (c ImportLeads) checkFields(im *aggregates.Import) error {
	switch {
	case c.Chunk < 0 || c.Chunk > aggregates.MaxBit:
		return errInvalid("chunk", "must be 0 to "+strconv.Itoa(aggregates.MaxBit))
	case len(c.Items)+len(c.Rejected) == 0 || len(c.Items) > MaxItems || len(c.Rejected) > 10*MaxItems:
		return errInvalid("items", "must be at most "+strconv.Itoa(MaxItems)+" and not nothing")
	case c.Rows != len(c.Items)+len(c.Rejected):
		return errInvalid("rows", "must be items and rejected together")
	case c.DryRun != im.DryRun:
		return errInvalid("dry_run", "is not the import's")
	case c.OnDuplicate != im.OnDuplicate:
		return errInvalid("on_duplicate", "is not the import's")
	}
	return nil
}

// chunkReader collects what becomes of a chunk's rows.
type chunkReader struct {
	o    *aggregates.Organization
	im   *aggregates.Import
	id   uuid.UUID
	seen map[aggregates.Hash]uuid.UUID // addresses that this chunk has created, with their leads
	out  []events.Event

	created, updated, duplicates, rejected int
	refused                                []events.RefusedRow
}

func (r *chunkReader) addRow(item LeadItem) {
	address, err := item.checkFields()
	if err != nil {
		r.rejected++
		r.refuseRow(item.Row, RowInvalid)
		return
	}
	holder, inFile := r.seen[address]
	if l := r.o.Leads.ByAddress(address); l != nil && !inFile {
		holder, inFile = l.ID, l.Import == r.im.Ref
	}
	switch {
	case holder == uuid.Nil && (r.o.Leads.Get(item.LeadID) != nil):
		r.rejected++
		r.refuseRow(item.Row, RowLeadIDTaken)
	case holder == uuid.Nil:
		r.created++
		r.seen[address] = item.LeadID
		r.addEvent(item.createdEvent(r.id))
	case r.im.OnDuplicate == events.DuplicateUpdate && holder == item.LeadID: // sealed for this very lead
		r.updated++
		r.addEvent(item.updatedEvent(r.id))
		for _, e := range r.o.Redrafts(item.LeadID) {
			r.addEvent(e)
		}
	case inFile:
		r.duplicates++
		r.refuseRow(item.Row, RowDuplicateInFile)
	default:
		r.duplicates++
		r.refuseRow(item.Row, RowDuplicate)
	}
}

func (r *chunkReader) addEvent(e events.Event) {
	if !r.im.DryRun {
		r.out = append(r.out, e)
	}
}

func (r *chunkReader) refuseRow(row int, code string) {
	r.refused = append(r.refused, events.RefusedRow{Row: row, Code: code})
}

// UndoImportChunk takes out those of the leads that the import created and nobody has touched since.
type UndoImportChunk struct {
	ImportID uuid.UUID   `json:"import_id"`
	Chunk    int         `json:"chunk"`
	LeadIDs  []uuid.UUID `json:"lead_ids"`
}

func (UndoImportChunk) CommandType() string { return "import.undo_chunk.v1" }

// Decide removes a lead only if this import created it and nobody has edited or enrolled it since.
func (c UndoImportChunk) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	im := o.Imports.Get(c.ImportID)
	switch {
	case im == nil:
		return nil, errNotFound(c.ImportID)
	case im.Status == aggregates.ImportUndone:
		return nil, errImportClosed(c.ImportID, im.Status)
	case im.Status != aggregates.ImportUndoing:
		return nil, errImportOpen(c.ImportID, im.Status)
	case im.Undo.Has(c.Chunk):
		return nil, nil
	case c.Chunk < 0 || c.Chunk > aggregates.MaxBit:
		return nil, errInvalid("chunk", "must be 0 to "+strconv.Itoa(aggregates.MaxBit))
	}
	if err := checkCount("lead_ids", len(c.LeadIDs)); err != nil {
		return nil, err
	}
	done := events.ImportUndoChunkRecorded{ImportRef: events.ImportRef{ImportID: c.ImportID}, Chunk: c.Chunk}
	var out []events.Event
	seen := map[uuid.UUID]bool{}
	for _, id := range c.LeadIDs {
		l := o.Leads.Get(id)
		if seen[id] || l == nil {
			continue // gone already
		}
		if l.Import != im.Ref || l.Version > 1 || l.Enrollments > 0 {
			done.Kept++
			continue
		}
		seen[id] = true
		done.Removed++
		out = append(out, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: id}, Reason: events.RemovedImportUndone, ImportID: c.ImportID})
	}
	return append(out, done), nil
}
