package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// RecordBulkChunk applies a bulk operation to some of its leads: chunk n has those from MaxItems*(n-1) on. It records also
// for which leads there was nothing to do, and why others were refused. A recorded chunk has nothing left to do.
type RecordBulkChunk struct {
	BulkID    uuid.UUID            `json:"bulk_id"`
	Chunk     int                  `json:"chunk"` // from 1
	LeadIDs   []uuid.UUID          `json:"lead_ids"`
	Unchanged int                  `json:"unchanged"`          // leads that the edge found to need no change
	Rejected  []events.RefusedLead `json:"rejected,omitzero"`  // leads that the edge refused
	Addresses []SuppressionItem    `json:"addresses,omitzero"` // of action suppress: one for each of LeadIDs
}

func (RecordBulkChunk) CommandType() string { return "bulk.record_chunk.v1" }

// Decide decides on each lead as the command for a single lead does. The last chunk completes the operation.
func (c RecordBulkChunk) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	job := o.Bulks.Get(c.BulkID)
	if job == nil || job.Chunks.Has(c.Chunk) {
		return nil, nil
	}
	if job.Action == events.BulkRestore {
		return nil, errInvalid("bulk_id", "is an operation that restores")
	}
	if err := c.checkFields(job); err != nil {
		return nil, err
	}
	r := bulkChunk{o: o, job: job, done: events.BulkChunkRecorded{BulkRef: events.BulkRef{BulkID: c.BulkID}, Chunk: c.Chunk, Unchanged: c.Unchanged, Refused: c.Rejected}}
	if err := r.decideLeads(now, c); err != nil {
		return nil, err
	}
	return r.finish(), nil
}

// finish records the chunk, and the end of the operation with its last one.
func (r *bulkChunk) finish() []events.Event {
	out, job := append(r.out, r.done), r.job
	total := events.BulkCompleted{BulkRef: r.done.BulkRef, Asked: job.Asked, Done: job.Done + r.done.Done, Unchanged: job.Unchanged + r.done.Unchanged, Refused: job.Refused + len(r.done.Refused)}
	if total.Done+total.Unchanged+total.Refused == total.Asked {
		out = append(out, total)
	}
	return out
}

func (c RecordBulkChunk) checkFields(job *aggregates.Bulk) error {
	from := (c.Chunk - 1) * MaxItems
	switch {
	case c.Chunk < 1 || from >= job.Asked:
		return errInvalid("chunk", "must be 1 to "+strconv.Itoa((job.Asked+MaxItems-1)/MaxItems))
	case c.Unchanged < 0 || len(c.LeadIDs)+c.Unchanged+len(c.Rejected) != min(MaxItems, job.Asked-from):
		return errInvalid("lead_ids", "must be those of the chunk")
	case job.Action == events.BulkSuppress && len(c.Addresses) != len(c.LeadIDs):
		return errInvalid("addresses", "must be as many as lead_ids")
	}
	return nil
}

// bulkChunk collects the outcome for a chunk's leads.
type bulkChunk struct {
	o    *aggregates.Organization
	job  *aggregates.Bulk
	out  []events.Event
	done events.BulkChunkRecorded
}

func (r *bulkChunk) refuseLead(id uuid.UUID, code string) {
	r.done.Refused = append(r.done.Refused, events.RefusedLead{LeadID: id, Code: code})
}

func (r *bulkChunk) refuseAll(ids []uuid.UUID, why error) {
	for _, id := range ids {
		r.refuseLead(id, es.RefusalCode(why))
	}
}

func (r *bulkChunk) decideLeads(now time.Time, c RecordBulkChunk) error {
	if r.job.Action == events.BulkSuppress { // also allowed while suspended
		return r.suppressLeads(c)
	}
	if err := whileActive(r.o); err != nil {
		r.refuseAll(c.LeadIDs, err)
		return nil
	}
	if r.job.Action == events.BulkEnroll {
		r.enrollLeads(now, c.LeadIDs)
		return nil
	}
	for _, id := range c.LeadIDs {
		made, err := r.decideLead(now, id)
		if err != nil {
			r.refuseLead(id, es.RefusalCode(err))
			continue
		}
		r.done.Done++
		r.out = append(r.out, made...)
	}
	return nil
}

// decideLead removes or tags a lead.
func (r *bulkChunk) decideLead(now time.Time, id uuid.UUID) ([]events.Event, error) {
	if r.job.Action == events.BulkRemove {
		return RemoveLead{LeadID: id}.Decide(now, r.o)
	}
	if r.o.Leads.Get(id) == nil {
		return nil, errNotFound(id)
	}
	e := events.LeadRetagged{LeadRef: events.LeadRef{LeadID: id}, Added: r.job.Tags}
	if r.job.Action == events.BulkUntag {
		e.Added, e.Removed = nil, r.job.Tags
	}
	return oneEvent(e)
}

// enrollLeads enrolls as many as the quota allows.
func (r *bulkChunk) enrollLeads(now time.Time, ids []uuid.UUID) {
	campaign, err := openCampaign(r.o, r.job.CampaignID)
	if err != nil {
		r.refuseAll(ids, err)
		return
	}
	out, batch, quota := EnrollLeads{CampaignID: r.job.CampaignID, LeadIDs: ids}.admitLeads(now, r.o, campaign)
	if quota.isExceeded() && quota.mayRecord(now, r.o) {
		out = append(out, quota.refusedEvent(now, r.o))
	}
	r.out = append(r.out, out...)
	r.done.Done += batch.Enrolled
	r.done.Unchanged += batch.Already
	r.done.Refused = append(r.done.Refused, batch.Refused...)
}

// suppressLeads skips a lead whose address has changed since the edge read it.
func (r *bulkChunk) suppressLeads(c RecordBulkChunk) error {
	var items []SuppressionItem
	for i, id := range c.LeadIDs {
		lead := r.o.Leads.Get(id)
		address, _ := aggregates.ParseHash(c.Addresses[i].Hash)
		switch {
		case lead == nil:
			r.refuseLead(id, CodeNotFound)
		case lead.Address != address:
			r.refuseLead(id, CodeVersionConflict)
		default:
			items = append(items, c.Addresses[i])
		}
	}
	out, already, err := addSuppressions(r.o, items)
	if err != nil {
		return err
	}
	r.out = append(r.out, out...)
	r.done.Done += len(items) - already
	r.done.Unchanged += already
	return nil
}
