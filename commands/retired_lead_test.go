package commands_test

import (
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// TestOlderProgramsLeads: what a program of before sends in plain text is recorded in the form of before, and decides as today's.
func TestOlderProgramsLeads(t *testing.T) {
	t.Parallel()
	ann := "ann@example.com"
	plain := commands.CreateLead{LeadItem: item(ann)}
	plain.Tags, plain.CRMID, plain.LawfulBasis, plain.Filled = []string{"vip"}, "crm-7", "consent", []string{"email", "custom.shoe_size"}
	created := events.LeadCreatedV1{LeadID: plain.LeadID, AddressHash: plain.AddressHash, DomainHash: plain.DomainHash, Profile: sealed, Filled: plain.Filled, Tags: plain.Tags, Source: plain.Source,
		CRMID: plain.CRMID, LawfulBasis: plain.LawfulBasis}
	row := plain.LeadItem
	row.CRMID, row.LawfulBasis, row.Row = "", "", 2
	chunkOf := func(i commands.LeadItem, mode string) commands.ImportLeads {
		return commands.ImportLeads{ImportID: upload, FirstRow: 2, Rows: 1, OnDuplicate: mode, Items: []commands.LeadItem{i}}
	}
	consent := func(e *events.ImportRequested) { e.LawfulBasis = "consent" }
	both := func(e *events.ImportRequested) { update(e); consent(e) }
	kit().Run(t, map[string]estest.Case{
		"a lead":           {Given: given(), When: plain, Then: facts{created}, Again: estest.RefusedAs("already_exists")},
		"a name alone too": {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Cleared: []string{"custom.shoe_size"}}, Then: facts{events.LeadUpdatedV1{LeadID: leadID(ann), Profile: sealed, Cleared: []string{"custom.shoe_size"}}}, Again: estest.OnceMore()},
		"a row": {Given: given(requested(consent)), When: chunkOf(row, "skip"), Then: facts{
			changed(created, func(e *events.LeadCreatedV1) { e.CRMID, e.ImportID, e.Row = "", upload, 2 }), recorded(0, 1, 1)}, Again: estest.NothingToDo()},
		"a row of somebody who is there": {Given: given(leadCreated(ann), requested(both)), When: chunkOf(row, "update"), Then: facts{
			events.LeadSupplementedV1{LeadID: plain.LeadID, Profile: sealed, Filled: plain.Filled, AddedTags: plain.Tags, DefaultLawfulBasis: "consent", ImportID: upload, Row: 2},
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Updated: 1, Outcomes: []events.RowRun{{From: 2, To: 2, Outcome: "updated"}}}}, Again: estest.NothingToDo()},
		"own fields count under one name": {Given: given(withOwn(ann, 0, 50)), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: []string{"custom.f0"}},
			Then: facts{events.LeadUpdatedV1{LeadID: leadID(ann), Profile: sealed, Filled: []string{"custom.f0"}}}, Again: estest.OnceMore()},
	})
}
