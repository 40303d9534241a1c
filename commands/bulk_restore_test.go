package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestRemovedLeadsAreRestored(t *testing.T) {
	t.Parallel()
	ref := events.BulkRef{BulkID: uuid.UUID{9, 3}}
	bob, cat, dan := "bob@example.com", "cat@example.com", "dan@example.com"
	ids := []uuid.UUID{leadID(ann), leadID(bob), leadID(cat), leadID(dan)}
	asked := events.BulkRequested{BulkRef: ref, Action: events.BulkRestore, LeadIDs: ids}
	same := item(bob) // somebody who had the address of another before it was theirs
	same.LeadID = leadID(cat)
	lost := []events.RefusedLead{{LeadID: leadID(dan), Code: "not_found"}}
	chunk := commands.RestoreBulkChunk{BulkID: ref.BulkID, Chunk: 1, Leads: []commands.LeadItem{item(ann), item(bob), same}, Rejected: lost}
	refused := append(lost[:1:1], events.RefusedLead{LeadID: leadID(cat), Code: "already_exists"})
	recorded := events.BulkChunkRecorded{BulkRef: ref, Chunk: 1, Done: 1, Unchanged: 1, Refused: refused}
	completed := events.BulkCompleted{BulkRef: ref, Asked: 4, Done: 1, Unchanged: 1, Refused: 2}
	tiny := events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "tiny", Limits: events.Limits{LeadsStored: 1}}
	full := events.BulkChunkRecorded{BulkRef: ref, Chunk: 1, Unchanged: 1, Refused: append(lost[:1:1], events.RefusedLead{LeadID: leadID(bob), Code: "quota_exceeded"}, events.RefusedLead{LeadID: leadID(cat), Code: "quota_exceeded"})}
	removal := events.BulkRequested{BulkRef: ref, Action: events.BulkRemove, LeadIDs: ids}
	but := func(change func(*commands.RestoreBulkChunk)) commands.RestoreBulkChunk {
		c := chunk
		change(&c)
		return c
	}
	kit().Run(t, map[string]estest.Case{
		"it is asked for":              {Given: given(), When: commands.RequestBulk{BulkID: ref.BulkID, Action: events.BulkRestore, LeadIDs: ids}, Then: facts{asked}, Again: estest.NothingToDo()},
		"who is gone comes back":       {Given: given(leadCreated(ann), asked), When: chunk, Then: facts{leadCreated(bob), recorded, completed}, Again: estest.NothingToDo()},
		"as far as the plan has room":  {Given: given(leadCreated(ann), asked, tiny), When: chunk, Then: facts{full, events.BulkCompleted{BulkRef: ref, Asked: 4, Unchanged: 1, Refused: 3}}, Again: estest.NothingToDo()},
		"nobody while suspended":       {Given: given(asked, status(events.StatusSuspended)), When: chunk, Then: facts{events.BulkChunkRecorded{BulkRef: ref, Chunk: 1, Refused: append(lost[:1:1], events.RefusedLead{LeadID: leadID(ann), Code: "organization_suspended"}, events.RefusedLead{LeadID: leadID(bob), Code: "organization_suspended"}, events.RefusedLead{LeadID: leadID(cat), Code: "organization_suspended"})}, events.BulkCompleted{BulkRef: ref, Asked: 4, Refused: 4}}, Again: estest.NothingToDo()},
		"a chunk has its leads":        {Given: given(asked), When: but(func(c *commands.RestoreBulkChunk) { c.Rejected = nil }), Refused: "invalid"},
		"of a chunk that there is":     {Given: given(asked), When: but(func(c *commands.RestoreBulkChunk) { c.Chunk = 2 }), Refused: "invalid"},
		"not of a removal":             {Given: given(removal), When: chunk, Refused: "invalid"},
		"nor does a removal's do this": {Given: given(asked), When: commands.RecordBulkChunk{BulkID: ref.BulkID, Chunk: 1, LeadIDs: ids}, Refused: "invalid"},
		"what isn't there has nothing": {Given: given(), When: chunk, Noop: true},
	})
}
