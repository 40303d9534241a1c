package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// RestoreBulkChunk is RecordBulkChunk for an operation that brings removed leads back: what they were is read in the history by the edge.
type RestoreBulkChunk struct {
	BulkID   uuid.UUID            `json:"bulk_id"`
	Chunk    int                  `json:"chunk"` // from 1
	Leads    []LeadItem           `json:"leads"`
	Rejected []events.RefusedLead `json:"rejected,omitzero"` // leads of which the history has nothing to bring back
}

func (RestoreBulkChunk) CommandType() string { return "bulk.restore_chunk.v1" }

// Decide creates each lead as the command for a single one does. Who is there already is as they shall be.
func (c RestoreBulkChunk) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	job := o.Bulks.Get(c.BulkID)
	if job == nil || job.Chunks.Has(c.Chunk) {
		return nil, nil
	}
	from := (c.Chunk - 1) * MaxItems
	switch {
	case job.Action != events.BulkRestore:
		return nil, errInvalid("bulk_id", "is no operation that restores")
	case c.Chunk < 1 || from >= job.Asked:
		return nil, errInvalid("chunk", "must be 1 to "+strconv.Itoa((job.Asked+MaxItems-1)/MaxItems))
	case len(c.Leads)+len(c.Rejected) != min(MaxItems, job.Asked-from):
		return nil, errInvalid("leads", "must be those of the chunk")
	}
	r := bulkChunk{o: o, job: job, done: events.BulkChunkRecorded{BulkRef: events.BulkRef{BulkID: c.BulkID}, Chunk: c.Chunk, Refused: c.Rejected}}
	r.restoreLeads(c.Leads)
	return r.finish(), nil
}

// PreviewRestore says what an operation that restores would do now, as PreviewBulk does.
func PreviewRestore(now time.Time, o *aggregates.Organization, asked RequestBulk, leads []LeadItem, lost []events.RefusedLead) (events.BulkChunkRecorded, error) {
	asked.BulkID = es.DeriveID(o.ID, "preview")
	if _, err := asked.Decide(now, o); err != nil {
		return events.BulkChunkRecorded{}, err
	}
	r := bulkChunk{o: o, done: events.BulkChunkRecorded{Refused: lost}}
	r.restoreLeads(leads)
	return r.done, nil
}

// restoreLeads refuses whose address somebody else has, also among those before it, and whom the plan has no room for.
func (r *bulkChunk) restoreLeads(items []LeadItem) {
	active := whileActive(r.o)
	room, taken := leadsStored(r.o), map[aggregates.Hash]bool{}
	for _, item := range items {
		create := CreateLead{LeadItem: item}
		address, err := create.checkFields()
		if active != nil {
			err = active
		}
		switch {
		case err != nil:
			r.refuseLead(item.LeadID, es.RefusalCode(err))
		case r.o.Leads.Get(item.LeadID) != nil:
			r.done.Unchanged++
		case r.o.Leads.ByAddress(address) != nil || taken[address]:
			r.refuseLead(item.LeadID, CodeAlreadyExists)
		case !room.takePlace():
			r.refuseLead(item.LeadID, CodeQuotaExceeded)
		default:
			taken[address] = true
			r.done.Done++
			r.out = append(r.out, create.createdEvent(uuid.Nil, nil))
		}
	}
}
