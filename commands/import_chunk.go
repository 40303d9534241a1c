package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// ImportLeads is a chunk of a file: rows = items + known + rejected. A resumed import repeats a chunk safely: one that is recorded
// has nothing left to do. DryRun and OnDuplicate are those of the import.
type ImportLeads struct {
	ImportID    uuid.UUID            `json:"import_id"`
	Chunk       int                  `json:"chunk"` // from 0 (or 1), without gaps
	FirstRow    int                  `json:"first_row"`
	Rows        int                  `json:"rows"`
	DryRun      bool                 `json:"dry_run"`
	OnDuplicate string               `json:"on_duplicate"`
	Items       []LeadItem           `json:"items"`
	Known       []KnownRow           `json:"known,omitzero"`
	Rejected    []events.RefusedRows `json:"rejected,omitzero"` // rows that the edge refused
	Warnings    []events.WarnedRows  `json:"warnings,omitzero"` // what the edge left out of items
}

// KnownRow is a row that brings nothing: the edge found its address among the leads, or in an earlier row. So nothing that it holds
// is sealed and sent.
type KnownRow struct {
	Row         int    `json:"row"`
	Code        string `json:"code"` // RowDuplicate, RowDuplicateInFile, RowUnchanged
	AddressHash string `json:"address_hash"`
	DomainHash  string `json:"domain_hash"`
}

func (ImportLeads) CommandType() string { return "import.record_chunk.v3" }

// Decide takes the rows in order; a refused row doesn't affect the others.
func (c ImportLeads) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
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
	r := newChunkReader(o, im, c)
	for _, item := range c.Items {
		r.addRow(item)
	}
	for _, row := range c.Known {
		r.addKnown(row)
	}
	warnings := c.warningsBeside(r.refused)
	rejected := eachRow(c.Rejected)
	for _, row := range rejected {
		if row.Code == RowDuplicateInFile { // an older program says it so of a dry run
			r.duplicates++
		} else {
			r.rejected++
		}
	}
	done := events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: c.ImportID}, Chunk: c.Chunk, FirstRow: c.FirstRow, Rows: c.Rows, Created: r.created, Updated: r.updated,
		Duplicates: r.duplicates, Rejected: r.rejected, Refused: events.RefusedByCode(append(r.refused, rejected...)), Outcomes: r.outcomes, Warnings: warnings}
	slices.Sort(r.suppressed)
	done.Suppressed = events.RowsOf(r.suppressed...)
	if r.stored.isExceeded() && r.stored.mayRecord(now, o) {
		r.out = append(r.out, r.stored.refusedEvent(now, o))
	}
	return append(r.out, done), nil
}

func newChunkReader(o *aggregates.Organization, im *aggregates.Import, c ImportLeads) *chunkReader {
	r := &chunkReader{o: o, im: im, id: c.ImportID, seen: map[aggregates.Hash]uuid.UUID{}, out: make([]events.Event, 0, len(c.Items)+2), stored: leadsStored(o)}
	if im.DryRun { // what it would have created counts
		r.stored.used += int64(im.Created)
	}
	return r
}

// eachRow names each row by itself.
func eachRow(refused []events.RefusedRows) (out []events.RefusedRow) {
	for _, r := range refused {
		for row := range r.Rows.All() {
			out = append(out, events.RefusedRow{Row: row, Code: r.Code})
		}
	}
	return out
}

// warningsBeside returns the warnings of rows that were not refused; refused rows need none.
func (c ImportLeads) warningsBeside(refused []events.RefusedRow) []events.WarnedRows {
	if len(c.Warnings) == 0 {
		return nil
	}
	gone := map[int]bool{}
	for _, r := range refused {
		gone[r.Row] = true
	}
	var kept []events.RowWarning
	for _, w := range c.Warnings {
		for row := range w.Rows.All() {
			if !gone[row] {
				kept = append(kept, events.RowWarning{Row: row, Field: w.Field, Code: w.Code})
			}
		}
	}
	return events.WarnedByCode(kept)
}

func (c ImportLeads) checkFields(im *aggregates.Import) error {
	rejected, warned := 0, 0
	for _, r := range c.Rejected {
		n, ok := countRows(r.Rows)
		if !ok {
			return errInvalid("rejected", reasonRows)
		}
		rejected += n
	}
	for _, w := range c.Warnings {
		n, ok := countRows(w.Rows)
		if !ok {
			return errInvalid("warnings", reasonRows)
		}
		warned += n
	}
	for _, k := range c.Known {
		if k.Code != RowDuplicate && k.Code != RowDuplicateInFile && k.Code != RowUnchanged || !validHash(k.AddressHash) || !validHash(k.DomainHash) {
			return errInvalid("known", "must have a code of a known row and two hashes")
		}
	}
	switch {
	case c.Chunk < 0 || c.Chunk > aggregates.MaxBit:
		return errInvalid("chunk", "must be 0 to "+strconv.Itoa(aggregates.MaxBit))
	case len(c.Items)+len(c.Known)+rejected == 0 || len(c.Items)+len(c.Known) > MaxItems || rejected > 10*MaxItems:
		return errInvalid("items", "must be at most "+strconv.Itoa(MaxItems)+" and not nothing")
	case warned > maxRowWarnings*MaxItems:
		return errInvalid("warnings", "must be at most "+strconv.Itoa(maxRowWarnings)+" a row")
	case c.Rows != len(c.Items)+len(c.Known)+rejected:
		return errInvalid("rows", "must be items, known and rejected together")
	case c.DryRun != im.DryRun:
		return errInvalid("dry_run", "is not the import's")
	case c.OnDuplicate != im.OnDuplicate:
		return errInvalid("on_duplicate", "is not the import's")
	}
	return nil
}

// countRows counts what stands in order; more than a chunk can have isn't counted.
func countRows(rows events.Rows) (n int, ok bool) {
	last := 0
	for _, span := range rows {
		if span[0] <= last || span[1] < span[0] || span[1]-span[0] >= 10*MaxItems {
			return n, false
		}
		last = span[1]
		if n += span[1] - span[0] + 1; n > 10*MaxItems {
			return n, false
		}
	}
	return n, true
}

const reasonRows = "must be spans of rows, in order"

// maxRowWarnings bounds the warnings of a chunk, on average.
const maxRowWarnings = 10

// chunkReader collects the outcome of a chunk's rows.
type chunkReader struct {
	o    *aggregates.Organization
	im   *aggregates.Import
	id   uuid.UUID
	seen map[aggregates.Hash]uuid.UUID // addresses of leads that this chunk created, by hash
	out  []events.Event

	created, updated, duplicates, rejected int
	refused                                []events.RefusedRow
	outcomes                               []events.RowRun
	suppressed                             []int
	stored                                 quotaUse
}

func (r *chunkReader) addRow(item LeadItem) {
	address, err := item.checkFields()
	if err != nil {
		r.rejectRow(item.Row, RowInvalid)
		return
	}
	if r.im.Erased[address] {
		r.rejectRow(item.Row, RowErased)
		return
	}
	domain, _ := aggregates.ParseHash(item.DomainHash)
	r.noteSuppressed(item.Row, address, domain)
	holder, inFile := r.seen[address]
	if l := r.o.Leads.ByAddress(address); l != nil && !inFile {
		holder, inFile = l.ID, l.Import == r.im.Ref
	}
	switch {
	case holder == uuid.Nil && r.o.Leads.Get(item.LeadID) != nil:
		r.rejectRow(item.Row, RowLeadIDTaken)
	case holder == uuid.Nil && !r.stored.takePlace():
		r.rejectRow(item.Row, RowOverQuota)
	case holder == uuid.Nil:
		r.created++
		r.seen[address] = item.LeadID
		r.addOutcome(item.Row, events.RowCreated)
		r.addEvent(item.createdEvent(r.id, r.im))
	case r.im.OnDuplicate == events.DuplicateUpdate && holder == item.LeadID && r.hasTooManyOwn(item):
		r.rejectRow(item.Row, RowTooManyOwn)
	case r.im.OnDuplicate == events.DuplicateUpdate && holder == item.LeadID: // sealed for this very lead
		r.updated++
		r.addOutcome(item.Row, events.RowUpdated)
		r.addEvent(item.supplementedEvent(r.id, r.im))
		for _, e := range slices.Concat(r.o.Redrafts(item.LeadID), changedFieldDrafts(r.o, item.LeadID, item.Filled)) {
			r.addEvent(e)
		}
	case inFile:
		r.skipRow(item.Row, RowDuplicateInFile)
	default:
		r.skipRow(item.Row, RowDuplicate)
	}
}

// addKnown believes the edge that nothing is to be done, and says of the address what may not be sent to.
func (r *chunkReader) addKnown(k KnownRow) {
	address, _ := aggregates.ParseHash(k.AddressHash)
	domain, _ := aggregates.ParseHash(k.DomainHash)
	r.noteSuppressed(k.Row, address, domain)
	r.skipRow(k.Row, k.Code)
}

// noteSuppressed notes a row whose address nothing can be sent to.
func (r *chunkReader) noteSuppressed(row int, address, domain aggregates.Hash) {
	if r.o.Suppression.Covers(&aggregates.Lead{Address: address, Domain: domain}) {
		r.suppressed = append(r.suppressed, row)
	}
}

// rejectRow refuses a row that can't become a lead.
func (r *chunkReader) rejectRow(row int, code string) {
	r.rejected++
	r.refuseRow(row, code)
}

// skipRow refuses a row whose address is known.
func (r *chunkReader) skipRow(row int, code string) {
	r.duplicates++
	r.refuseRow(row, code)
}

func (r *chunkReader) hasTooManyOwn(item LeadItem) bool {
	l := r.o.Leads.Get(item.LeadID)
	return l != nil && r.o.Leads.OwnAfter(l, item.Filled, nil) > MaxOwnFields
}

// addOutcome lengthens the last run of equal outcomes, or begins one.
func (r *chunkReader) addOutcome(row int, outcome string) {
	if n := len(r.outcomes); n > 0 && r.outcomes[n-1].Outcome == outcome && r.outcomes[n-1].To == row-1 {
		r.outcomes[n-1].To = row
		return
	}
	r.outcomes = append(r.outcomes, events.RowRun{From: row, To: row, Outcome: outcome})
}

func (r *chunkReader) addEvent(e events.Event) {
	if !r.im.DryRun {
		r.out = append(r.out, e)
	}
}

func (r *chunkReader) refuseRow(row int, code string) {
	r.refused = append(r.refused, events.RefusedRow{Row: row, Code: code})
}

// UndoImportChunk removes those of the leads that the import created and that nobody has touched since.
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
			continue // removed already
		}
		if l.Import != im.Ref || l.Edited || l.Enrollments > 0 {
			done.Kept++
			continue
		}
		seen[id] = true
		done.Removed++
		out = append(out, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: id}, Reason: events.RemovedImportUndone, ImportID: c.ImportID})
	}
	return append(out, done), nil
}
